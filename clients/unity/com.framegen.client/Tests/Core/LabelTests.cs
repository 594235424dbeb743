using System.Collections.Generic;
using FrameGen.Labels;
using NUnit.Framework;

namespace FrameGen.Tests
{
    public sealed class LabelTests
    {
        [TestCase("M_Glass_01", "Window_Left", "glass, window")]
        [TestCase("Material", "SM_BrickWall_02", "brick wall")]
        [TestCase("Light_Blue", "House_3", "house")]
        [TestCase("Sky", "SkyDome", "")]
        [TestCase(null, "", "")]
        public void NamesGiveALabel(string material, string own, string label)
        {
            Assert.AreEqual(label, LabelNames.LabelOf(material, own));
            Assert.AreEqual(label, new LabelCache().LabelOf(material, own, null, null));
        }

        [Test]
        public void ALabelKeepsItsNumber()
        {
            var table = new LabelTable();
            Assert.AreEqual(1, table.Add("brick", LabelTable.Most));
            Assert.AreEqual(2, table.Add("grass", LabelTable.MostByName));
            Assert.AreEqual(1, table.Add("brick", LabelTable.MostByName));
            Assert.AreEqual(2, table.NumberOf("grass"));
            Assert.AreEqual(0, table.NumberOf("glass"));
            Assert.AreEqual(0, table.Add("", LabelTable.Most));
            var settings = table.Settings;
            Assert.AreEqual("grass", settings["2"]);
            Assert.IsTrue(ReferenceEquals(settings, table.Settings), "the same while nothing is new");
            table.Add("glass", LabelTable.Most);
            Assert.AreEqual(3, table.Settings.Count);
            Assert.AreEqual(2, settings.Count, "what was sent stays as it was");
        }

        [Test]
        public void LabelsByNameLeaveNumbersForThoseOfTags()
        {
            var table = new LabelTable();
            var given = new HashSet<int>();
            for (var i = 0; i < 300; i++) given.Add(table.Add("name " + i, LabelTable.MostByName));
            Assert.AreEqual(201, given.Count); // 0 too
            Assert.AreEqual(201, table.Add("tag", LabelTable.Most));
            Assert.AreEqual(200, table.Add("name 199", LabelTable.MostByName));
            Assert.IsTrue(table.IsFull);
            for (var i = 0; i < 300; i++) table.Add("tag " + i, LabelTable.Most);
            Assert.AreEqual(255, table.Settings.Count);
            table.Clear();
            Assert.IsFalse(table.IsFull);
            Assert.AreEqual(0, table.Settings.Count);
            Assert.AreEqual(1, table.Add("name 7", LabelTable.MostByName));
            Assert.AreEqual("name 7", table.Settings["1"]);
        }
    }
}
