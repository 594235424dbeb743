using System;
using System.Collections.Generic;
using FrameGen.Pack;
using FrameGen.Protocol;
using NUnit.Framework;

namespace FrameGen.Tests
{
    public sealed class PackTests
    {
        static Fields Written(Action<PackWriter> write)
        {
            var writer = new PackWriter();
            write(writer);
            var reader = new PackReader();
            reader.Parse(new ArraySegment<byte>(writer.ToArray()), new Limits());
            return new Fields(reader, 0, "test");
        }

        [TestCase(0L)]
        [TestCase(-1L)]
        [TestCase(-32L)]
        [TestCase(-33L)]
        [TestCase(127L)]
        [TestCase(128L)]
        [TestCase(4294967295L)]
        [TestCase(4294967296L)]
        [TestCase(9007199254740993L)]
        [TestCase(long.MaxValue)]
        [TestCase(long.MinValue)]
        public void IntegersKeepEveryDigit(long value)
        {
            var fields = Written(w =>
            {
                w.Map(1);
                w.Text("n");
                w.Integer(value);
            });
            Assert.AreEqual(value, fields.Signed("n"));
        }

        [Test]
        public void UnsignedIntegersReachTheirEnd()
        {
            var fields = Written(w =>
            {
                w.Map(1);
                w.Text("n");
                w.Unsigned(ulong.MaxValue);
            });
            Assert.AreEqual(ulong.MaxValue, fields.Unsigned("n"));
            Assert.Throws<ProtocolException>(() => fields.Signed("n"));
        }

        [TestCase("")]
        [TestCase("golden hour")]
        [TestCase("Dämmerung 夕方 🌇")]
        public void TextOfAnyLengthComesBack(string text)
        {
            foreach (var repeated in new[] { text, text + new string('x', 40), text + new string('y', 300) })
            {
                var fields = Written(w =>
                {
                    w.Map(1);
                    w.Text("t");
                    w.Text(repeated);
                });
                Assert.AreEqual(repeated, fields.Text("t"));
            }
        }

        [Test]
        public void SettingsComeBackAsTheyWere()
        {
            var settings = new Dictionary<string, object>
            {
                { "prompt", "snow" }, { "intensity", 0.5 }, { "seed", 7 }, { "color_grid", true },
                { "labels", new Dictionary<string, object> { { "3", "brick" }, { "4", null } } },
                { "words", new List<object> { "a", 1, null } }
            };
            var back = Written(w =>
            {
                w.Map(1);
                w.Text("settings");
                w.Value(settings);
            }).Map("settings");
            Assert.AreEqual("snow", back["prompt"]);
            Assert.AreEqual(0.5, (double)back["intensity"], 0);
            Assert.AreEqual(7L, back["seed"]);
            Assert.AreEqual("brick", ((Dictionary<string, object>)back["labels"])["3"]);
            Assert.IsNull(((Dictionary<string, object>)back["labels"])["4"]);
            Assert.AreEqual(3, ((List<object>)back["words"]).Count);
        }

        [Test]
        public void AFieldOfTheWrongTypeIsNamed()
        {
            var fields = Written(w =>
            {
                w.Map(1);
                w.Text("n");
                w.Number(1);
            });
            Assert.IsTrue(Assert.Throws<ProtocolException>(() => fields.Signed("n")).Message.Contains("test.n"));
            Assert.IsTrue(Assert.Throws<ProtocolException>(() => fields.Signed("absent")).Message.Contains("test.absent"));
        }

        [TestCase("c3a9", true)]
        [TestCase("c0af", false)]
        [TestCase("eda080", false)]
        [TestCase("f4908080", false)]
        [TestCase("f09f8c87", true)]
        [TestCase("e282", false)]
        [TestCase("80", false)]
        public void Utf8IsStrict(string hex, bool valid)
        {
            var bytes = new byte[hex.Length / 2];
            for (var i = 0; i < bytes.Length; i++) bytes[i] = Convert.ToByte(hex.Substring(2 * i, 2), 16);
            Assert.AreEqual(valid, Utf8.IsValid(bytes, 0, bytes.Length));
        }
    }
}
