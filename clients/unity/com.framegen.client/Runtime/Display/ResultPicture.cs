using System;
using FrameGen.Protocol;
using Unity.Collections;
using UnityEngine;

namespace FrameGen
{
    /// <summary>The last result as textures that are made once for a size and filled again with every result.</summary>
    sealed class ResultPicture : IDisposable
    {
        const int GridWidth = 48, GridHeight = 9;

        readonly Texture2D _grid;

        /// <summary>sRGB-encoded values, first row at v = 0; null before the first result.</summary>
        public Texture2D Texture { get; private set; }

        public Texture2D Grid => _grid;

        public bool HasGrid { get; private set; }

        /// <summary>Whether <see cref="Texture"/> has its last row first instead.</summary>
        public bool IsBottomUp { get; private set; }

        public ResultPicture()
        {
            _grid = new Texture2D(GridWidth, GridHeight, TextureFormat.RGBAHalf, false, true)
            {
                name = "FrameGen colour grid", filterMode = FilterMode.Point, wrapMode = TextureWrapMode.Clamp, hideFlags = HideFlags.HideAndDontSave
            };
        }

        public void Show(Result result)
        {
            if (result.HasRgba) ShowRaw(result);
            else ShowJpeg(result);
            HasGrid = result.HasGrid;
            if (!HasGrid) return;
            var bytes = result.Grid.Bytes;
            NativeArray<byte>.Copy(bytes.Array, bytes.Offset, _grid.GetRawTextureData<byte>(), 0, bytes.Count);
            _grid.Apply(false);
        }

        void ShowRaw(Result result)
        {
            if (Texture == null || Texture.width != result.Width || Texture.height != result.Height || Texture.format != TextureFormat.RGBA32)
                Replace(result.Width, result.Height);
            NativeArray<byte>.Copy(result.Rgba, 0, Texture.GetRawTextureData<byte>(), 0, 4 * result.Width * result.Height);
            Texture.Apply(false);
            IsBottomUp = false;
        }

        // Decoding takes milliseconds of the main thread and allocates: for slow networks only.
        void ShowJpeg(Result result)
        {
            var bytes = result.Image.Bytes;
            var jpeg = new byte[bytes.Count];
            Buffer.BlockCopy(bytes.Array, bytes.Offset, jpeg, 0, bytes.Count);
            if (Texture == null) Replace(result.Width, result.Height);
            Texture.LoadImage(jpeg, false);
            IsBottomUp = true; // LoadImage puts the first row at v = 1, raw pictures have it at v = 0
        }

        void Replace(int width, int height)
        {
            if (Texture != null) UnityEngine.Object.Destroy(Texture);
            Texture = new Texture2D(width, height, TextureFormat.RGBA32, false, true)
            {
                name = "FrameGen result", filterMode = FilterMode.Bilinear, wrapMode = TextureWrapMode.Clamp, hideFlags = HideFlags.HideAndDontSave
            };
        }

        public void Dispose()
        {
            if (Texture != null) UnityEngine.Object.Destroy(Texture);
            UnityEngine.Object.Destroy(_grid);
        }
    }
}
