using System;
using System.Collections.Generic;
using System.Reflection;
using FrameGen;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.SceneManagement;
using Object = UnityEngine.Object;

/// <summary>Puts things with names before a camera's tags, and says what is drawn with which label.</summary>
static class NamesDriver
{
    static readonly Dictionary<string, object> Facts = new Dictionary<string, object>();
    static readonly List<FrameGenTag> Tags = new List<FrameGenTag>();
    static readonly CommandBuffer Commands = new CommandBuffer();
    static CameraTags _tags;

    static int Main()
    {
        Each("parts", Parts);
        Each("names", Names);
        Each("nothing", Nothing);
        Each("seen", Seen);
        Each("tagged", Tagged);
        Each("adopted", Adopted);
        Each("switch", Switch);
        Each("later", Later);
        Each("scenes", Scenes);
        Each("gone", Gone);
        Each("most", Most);
        Each("steady", Steady);
        Facts["listeners"] = SceneManager.Listeners;
        Console.WriteLine(Json.Of(Facts));
        return 0;
    }

    static void Each(string name, Action act)
    {
        FakeEngine.Scene.Clear();
        foreach (var tag in Tags.ToArray()) Off(tag);
        _tags = new CameraTags();
        act();
        _tags.Dispose();
    }

    static void Parts()
    {
        Thing("House_01", "", null, "M_Brick", "M_Glass (Instance)", "Material.001");
        var skinned = new GameObject("Hero").AddComponent<SkinnedMeshRenderer>();
        skinned.sharedMesh = new Mesh { name = "Villager", subMeshCount = 1 };
        skinned.sharedMaterials = new[] { Paint("Skin"), Paint("Outline") }; // more materials than parts
        FakeEngine.Scene.Add(skinned);
        Say("parts");
        Facts["masks"] = _tags.HasMasks;
    }

    static void Names()
    {
        var root = new GameObject("Street").transform;
        var car = new GameObject("Car(Clone)").transform;
        car.parent = root;
        Thing("Body", "", car, "Paint");
        Thing("Cube", "", root, "M_Wood"); // a root's name says where, not what
        Thing("StreetLight(Clone)", "Pole Instance", null, "M_Light (Instance) (Instance)");
        Thing("Plain", "Combined Mesh (root: House)", null, "Wall").isPartOfStaticBatch = true;
        var bare = Thing("Tree", "", null);
        bare.sharedMaterials = new Material[] { null };
        Say("names");
    }

    static void Nothing()
    {
        FakeEngine.Scene.Add(new GameObject("Water").AddComponent<Renderer>()); // as a particle system's, a trail's or a line's
        Thing("Cube", "Cube", null, "Material");
        var volume = Thing("Glass", "", null, "Glass");
        volume.gameObject.AddComponent<FrameGenPromptVolume>();
        var none = Thing("Glass", "", null);
        none.sharedMaterials = new Material[0];
        Say("nothing");
        Facts["nothing_any"] = _tags.Any;
    }

    static void Seen()
    {
        Thing("Brick", "", null, "a").enabled = false;
        Thing("Grass", "", null, "b").isVisible = false;
        Thing("Glass", "", null, "c").shadowCastingMode = ShadowCastingMode.ShadowsOnly;
        var later = Thing("Roof", "", null, "d");
        Thing("Car", "", null, "e");
        _tags.Update(true, true);
        later.gameObject.IsActive = false;
        Say("seen");
    }

    static void Tagged()
    {
        var house = new GameObject("House");
        Thing("Wall", "", house.transform, "Brick");
        Thing("Fence", "", null, "Wood");
        var tag = Tag(house, "castle");
        tag.Moves = true;
        Say("tagged");
        Facts["tagged_masks"] = _tags.HasMasks;
        var fence = Tag(FakeEngine.Scene[1].gameObject, "iron"); // it had a label by name
        Say("tagged_both");
        Off(tag);
        Off(fence);
        Say("tagged_no_more_soon"); // the fence at once, the wall, which was never read, with the next scan
        FakeEngine.SkippedS += 3;
        Say("tagged_no_more");
    }

    static void Adopted()
    {
        var town = new GameObject("Town");
        Tag(town, "brick");
        var deep = new GameObject("Part").transform;
        deep.parent = town.transform;
        Thing("Glass", "", deep, "Glass"); // the tag has not been told
        Say("adopted_first");
        Say("adopted");
        Facts["adopted_table"] = _tags.Table;
    }

    static void Switch()
    {
        Thing("Car", "", null, "Car paint");
        FakeEngine.Finds = 0;
        _tags.Update(false, true);
        Facts["off_any"] = _tags.Any;
        Facts["off_finds"] = FakeEngine.Finds;
        Facts["off_table"] = _tags.Table;
        Say("on");
        _tags.Update(false, true);
        Facts["off_again_any"] = _tags.Any;
        Facts["off_again"] = Draws();
        Say("on_again");
    }

    static void Later()
    {
        Thing("Car", "", null, "a");
        Say("later_first");
        Thing("Tree", "", null, "b");
        FakeEngine.Finds = 0;
        for (var i = 0; i < 100; i++) _tags.Update(true, true);
        Facts["later_finds"] = FakeEngine.Finds;
        Say("later_soon");
        FakeEngine.SkippedS += 3;
        _tags.Update(true, false); // nothing is sent: nobody looks
        Facts["later_unsent"] = Draws();
        Say("later");
        Facts["later_table"] = _tags.Table;
    }

    static void Scenes()
    {
        _tags.Update(true, false);
        Thing("Car", "", null, "a");
        _tags.Update(true, false);
        Facts["scenes_before"] = Draws();
        SceneManager.Load();
        _tags.Update(true, false);
        Facts["scenes_loaded"] = Draws();
        FakeEngine.Scene.Clear();
        Thing("Tree", "", null, "b");
        SceneManager.Unload();
        _tags.Update(true, false);
        Facts["scenes_unloaded"] = Draws();
    }

    static void Gone()
    {
        var car = Thing("Car", "", null, "a");
        _tags.Update(true, true);
        Object.Destroy(car);
        Facts["gone"] = Draws();
        Facts["gone_any"] = _tags.Any;
        FakeEngine.SkippedS += 3;
        _tags.Update(true, true);
        Facts["gone_any_later"] = _tags.Any;
    }

    static void Most()
    {
        var words = FrameGen.Labels.LabelWords.All;
        for (var i = 0; i < 300; i++) Thing(words[i % 150] + " car " + words[i / 150 + 10], "", null, "");
        Thing("Car", "", null, "");
        _tags.Update(true, true);
        Facts["most"] = _tags.Table.Count;
        Facts["most_drawn"] = Draws().Count;
        var tagged = new GameObject("A");
        Thing("B", "", tagged.transform, "C");
        Tag(tagged, "throne");
        _tags.Update(true, true);
        Facts["most_tag"] = _tags.Table["201"];
        FakeEngine.Scene.Clear();
        Thing("Roof", "", null, "");
        SceneManager.Unload();
        SceneManager.Load();
        Say("most_next_level");
        Facts["most_next_table"] = _tags.Table;
    }

    // What a frame leaves for the garbage collection once everything is known: of updates, and of scans the array.
    static void Steady()
    {
        for (var i = 0; i < 200; i++) Thing("Brick wall " + i, "", null, "M_Brick");
        _tags.Update(true, true);
        var table = _tags.Table;
        var before = GC.CollectionCount(0);
        for (var i = 0; i < 300000; i++) _tags.Update(true, true);
        Facts["steady_collections"] = GC.CollectionCount(0) - before;
        Facts["steady_table"] = ReferenceEquals(table, _tags.Table);
    }

    static void Say(string fact)
    {
        _tags.Update(true, true);
        Facts[fact] = Draws();
    }

    // Each part that is drawn, in order: "label of object.part", with the masks where they are not plain.
    static List<string> Draws()
    {
        FakeEngine.DrawnParts.Clear();
        if (!_tags.Any) return new List<string>();
        var slot = new CaptureSlot(8, 4, (_, __) => { });
        _tags.Draw(Commands, null, slot, new Camera());
        Commands.Execute();
        slot.Dispose();
        var drawn = new List<string>();
        foreach (var part in FakeEngine.DrawnParts)
        {
            object label;
            _tags.Table.TryGetValue(Math.Round(part.Tag.x * 255).ToString(), out label);
            drawn.Add((label ?? "?") + " of " + part.Renderer.name + "." + part.Part + (part.Tag.y == 1 && part.Tag.z == 0 ? "" : " masked"));
        }
        return drawn;
    }

    static MeshRenderer Thing(string name, string mesh, Transform parent, params string[] materials)
    {
        var thing = new GameObject(name);
        thing.transform.parent = parent;
        thing.AddComponent<MeshFilter>().sharedMesh = new Mesh { name = mesh, subMeshCount = 3 };
        var renderer = thing.AddComponent<MeshRenderer>();
        renderer.sharedMaterials = Array.ConvertAll(materials, Paint);
        FakeEngine.Scene.Add(renderer);
        return renderer;
    }

    static Material Paint(string name) => new Material(null) { name = name };

    static FrameGenTag Tag(GameObject thing, string label)
    {
        var tag = thing.AddComponent<FrameGenTag>();
        tag.Label = label;
        Call(tag, "OnEnable");
        Tags.Add(tag);
        return tag;
    }

    static void Off(FrameGenTag tag)
    {
        Tags.Remove(tag);
        tag.enabled = false;
        Call(tag, "OnDisable");
    }

    static void Call(object component, string message)
        => component.GetType().GetMethod(message, BindingFlags.NonPublic | BindingFlags.Instance).Invoke(component, null);
}
