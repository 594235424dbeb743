// Pictures between 8-bit sRGB in rows of pixels and the planes that networks take. Meaning: framegen/ops/cuda/reference.py
//
// STORE: what a plane's numbers are: 0 float32, 1 float16, 2 bfloat16.
#ifndef STORE
#define STORE 0
#endif

#if STORE == 0
typedef float Real;
__device__ __forceinline__ Real store(float value) { return value; }
__device__ __forceinline__ float load(Real value) { return value; }
#elif STORE == 1
typedef unsigned short Real;
__device__ __forceinline__ Real store(float value) {
  Real bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
__device__ __forceinline__ float load(Real bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
#else
typedef unsigned short Real;
#if __CUDA_ARCH__ >= 800
__device__ __forceinline__ Real store(float value) {
  Real bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
#else  // RTX 20 has no such instruction: rounded to the nearest, halves to even, no number as the instruction has it
__device__ __forceinline__ Real store(float value) {
  unsigned int bits = __float_as_uint(value);
  return value != value ? 0x7fff : (Real)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
#endif
__device__ __forceinline__ float load(Real bits) { return __uint_as_float((unsigned int)bits << 16); }
#endif

// [height, width, channels] uint8 -> [3, height, width], -1..1; a fourth channel is dropped.
extern "C" __global__ void unpack(const unsigned char* rgb, Real* planes, int width, int height, int channels) {
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= width || y >= height) return;
  int pixel = y * width + x, area = width * height;
  for (int c = 0; c < 3; c++) planes[c * area + pixel] = store(rgb[pixel * channels + c] / 255.0f * 2.0f - 1.0f);
}

// [3, height, width], -1..1 -> [height, width, 3] uint8, rounded to the nearest, halves to even.
extern "C" __global__ void pack(const Real* planes, unsigned char* rgb, int width, int height) {
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= width || y >= height) return;
  int pixel = y * width + x, area = width * height;
  for (int c = 0; c < 3; c++) {
    float level = fminf(fmaxf(load(planes[c * area + pixel]) * 0.5f + 0.5f, 0.0f), 1.0f) * 255.0f;
    rgb[pixel * 3 + c] = (unsigned char)rintf(level);
  }
}
