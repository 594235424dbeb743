using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen.Samples
{
    /// <summary>
    /// Builds a street of boxes, as one prototypes a level, and tags it: the model is told what is brick and what is
    /// asphalt, and people are kept as they are. A volume at its end has a look of its own.
    /// </summary>
    public sealed class SampleTown : MonoBehaviour
    {
        const int Houses = 8;

        void Awake()
        {
            var random = new System.Random(3);
            Box("Road", "asphalt", new Vector3(0, -0.05f, 40), new Vector3(8, 0.1f, 120), new Color(0.25f, 0.25f, 0.27f, 1));
            Box("Pavement left", "stone", new Vector3(-6, 0, 40), new Vector3(4, 0.2f, 120), new Color(0.55f, 0.55f, 0.52f, 1));
            Box("Pavement right", "stone", new Vector3(6, 0, 40), new Vector3(4, 0.2f, 120), new Color(0.55f, 0.55f, 0.52f, 1));
            Box("Meadow", "grass", new Vector3(0, -0.2f, 40), new Vector3(160, 0.1f, 200), new Color(0.3f, 0.45f, 0.2f, 1));
            for (var i = 0; i < Houses; i++)
                foreach (var side in new[] { -1, 1 }) House(side, 8 + 11 * i, 5 + (float)random.NextDouble() * 7);
            for (var i = 0; i < 5; i++) Person(new Vector3(4.6f * (i % 2 == 0 ? 1 : -1), 1, 10 + 13 * i));
            Volume();
        }

        void House(int side, float z, float height)
        {
            var wall = new Color(0.6f, 0.35f, 0.28f, 1);
            Box("House", "brick", new Vector3(side * 13, height / 2, z), new Vector3(10, height, 10), wall);
            Box("Roof", "roof", new Vector3(side * 13, height + 0.3f, z), new Vector3(10.6f, 0.6f, 10.6f), new Color(0.3f, 0.16f, 0.12f, 1));
            for (var floor = 0; floor * 3 + 2 < height; floor++)
                for (var window = -1; window <= 1; window++)
                    Box("Window", "glass", new Vector3(side * 7.98f, floor * 3 + 1.6f, z + window * 3), new Vector3(0.1f, 1.5f, 1.2f), new Color(0.5f, 0.65f, 0.75f, 1));
        }

        void Person(Vector3 position)
        {
            var person = GameObject.CreatePrimitive(PrimitiveType.Capsule);
            person.transform.SetParent(transform);
            person.transform.position = position;
            Paint(person, new Color(0.8f, 0.5f, 0.2f, 1));
            var tag = person.AddComponent<FrameGenTag>();
            tag.Label = "person";
            tag.Intensity = 0.3f;
            tag.Moves = true;
        }

        void Volume()
        {
            var volume = new GameObject("Snow at the end").AddComponent<FrameGenPromptVolume>();
            volume.transform.SetParent(transform);
            volume.transform.position = new Vector3(0, 10, 85);
            volume.transform.localScale = new Vector3(60, 40, 30);
            volume.Prompt = "heavy snow, overcast, photograph";
        }

        void Box(string title, string label, Vector3 position, Vector3 size, Color color)
        {
            var box = GameObject.CreatePrimitive(PrimitiveType.Cube);
            box.name = title;
            box.transform.SetParent(transform);
            box.transform.position = position;
            box.transform.localScale = size;
            Paint(box, color);
            box.AddComponent<FrameGenTag>().Label = label;
        }

        // Primitives come with the built-in pipeline's material, which another pipeline shows in magenta.
        static void Paint(GameObject thing, Color color)
        {
            var pipeline = GraphicsSettings.currentRenderPipeline;
            var material = pipeline == null ? null : pipeline.defaultMaterial;
            var renderer = thing.GetComponent<Renderer>();
            if (material != null) renderer.material = material;
            renderer.material.color = color;
        }
    }
}
