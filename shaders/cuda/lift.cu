// A small restyled picture lifted to the engine's resolution, with the engine's frame as guide.
// Meaning: framegen/ops/cuda/reference.py, which agrees with framegen/ops/lift.py but for its whole-number steps.

__device__ __forceinline__ int held(int place, int size) { return place < 0 ? 0 : (place < size ? place : size - 1); }

// A plane of interleaved channels at a place given in its own pixels, bilinear, its edge repeated.
template <class Value>
__device__ float read(const Value* plane, float x, float y, int c, int channels, int width, int height) {
  float fx = floorf(x), fy = floorf(y), u = x - fx, v = y - fy;
  int x0 = held((int)fx, width), x1 = held((int)fx + 1, width), y0 = held((int)fy, height), y1 = held((int)fy + 1, height);
  float upper = plane[(y0 * width + x0) * channels + c] * (1.0f - u) + plane[(y0 * width + x1) * channels + c] * u;
  float lower = plane[(y1 * width + x0) * channels + c] * (1.0f - u) + plane[(y1 * width + x1) * channels + c] * u;
  return upper * (1.0f - v) + lower * v;
}

// What the local gain leaves: small_out - gain small_in, [h, w, 3] float32.
extern "C" __global__ void lift_rest(const unsigned char* small_in, const unsigned char* small_out, const float* gain,
                                     float* rest, int width, int height, int gain_width, int gain_height) {
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= width || y >= height) return;
  float gx = (x + 0.5f) * gain_width / width - 0.5f, gy = (y + 0.5f) * gain_height / height - 0.5f;
  for (int c = 0; c < 3; c++) {
    int i = (y * width + x) * 3 + c;
    rest[i] = small_out[i] - read(gain, gx, gy, c, 3, gain_width, gain_height) * small_in[i];
  }
}

// gain guide + rest, both at the guide's size, [H, W, 3] uint8.
extern "C" __global__ void lift(const unsigned char* guide, const float* gain, const float* rest, unsigned char* out,
                                int width, int height, int small_width, int small_height, int gain_width,
                                int gain_height) {
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= width || y >= height) return;
  float gx = (x + 0.5f) * gain_width / width - 0.5f, gy = (y + 0.5f) * gain_height / height - 0.5f;
  float sx = (x + 0.5f) * small_width / width - 0.5f, sy = (y + 0.5f) * small_height / height - 0.5f;
  for (int c = 0; c < 3; c++) {
    int i = (y * width + x) * 3 + c;
    float value = guide[i] * read(gain, gx, gy, c, 3, gain_width, gain_height);
    value += read(rest, sx, sy, c, 3, small_width, small_height);
    out[i] = (unsigned char)rintf(fminf(fmaxf(value, 0.0f), 255.0f));
  }
}
