// Lets a C++ compiler for the processor read kernels that need no more of CUDA than this: one thread at a time.
#include <cmath>
#include <cstring>
#define __global__
#define __device__
#define __forceinline__ inline
struct Index { int x, y, z; };
static thread_local Index blockIdx, threadIdx, blockDim;
inline float __uint_as_float(unsigned int bits) { float value; std::memcpy(&value, &bits, 4); return value; }
inline unsigned int __float_as_uint(float value) { unsigned int bits; std::memcpy(&bits, &value, 4); return bits; }
