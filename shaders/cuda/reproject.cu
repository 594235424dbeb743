// Temporal reuse of a latent: where its cells were, how far they can be trusted, what they held, and the blend.
// Meaning: framegen/ops/temporal_reference.py. Planes are [rows, columns] float32, latents [channels, rows, columns].

__device__ __forceinline__ int held(int place, int size) { return place < 0 ? 0 : (place < size ? place : size - 1); }

// A place may be anything, NaN too; beyond the border only the edge is seen.
__device__ __forceinline__ float bounded(float place, int size) {
  return place > -3.0f ? fminf(place, (float)(size + 2)) : -3.0f;
}

// 1 up to start, 0 from end, 3t^2 - 2t^3 between.
__device__ __forceinline__ float falling(float value, float start, float end) {
  float t = fminf(fmaxf((end - value) / fmaxf(end - start, 1e-12f), 0.0f), 1.0f);
  return t * t * (3.0f - 2.0f * t);
}

// Where what stands still was: places x, y (cells) in the former picture, and the depth it had there.
// rows: 4 x 6, clip x, y, w and depth in the former view, of (x d, y d, d, x, y, 1).
extern "C" __global__ void static_places(const float* depth_m, const float* rows, float* x_out, float* y_out,
                                         float* expected_m, int width, int height, float sky_m, float lost) {
  int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
  if (column >= width || row >= height) return;
  int cell = row * width + column;
  float depth = fminf(depth_m[cell], sky_m);
  float across = (column + 0.5f) * (2.0f / width) - 1.0f, down = 1.0f - (row + 0.5f) * (2.0f / height);
  float terms[6] = {across * depth, down * depth, depth, across, down, 1.0f}, clip[4];
  for (int i = 0; i < 4; i++) {
    clip[i] = 0.0f;
    for (int k = 0; k < 6; k++) clip[i] += rows[6 * i + k] * terms[k];
  }
  bool behind = clip[2] / depth <= 1e-9f;
  float dx = behind ? lost : (clip[0] / clip[2] - across) * 0.5f * width;
  float dy = behind ? lost : (down - clip[1] / clip[2]) * 0.5f * height;
  x_out[cell] = column + fminf(fmaxf(dx, -lost), lost);
  y_out[cell] = row + fminf(fmaxf(dy, -lost), lost);
  expected_m[cell] = depth_m[cell] >= sky_m ? sky_m : fminf(clip[3], sky_m);
}

__device__ float least(const float* plane, int column, int row, int reach, int width, int height) {
  float found = plane[held(row, height) * width + held(column, width)];
  for (int dy = -reach; dy <= reach; dy++)
    for (int dx = -reach; dx <= reach; dx++)
      found = fminf(found, plane[held(row + dy, height) * width + held(column + dx, width)]);
  return found;
}

// Change of depth from cell to cell over the depth; of two sides the smaller, which is the cell's own surface.
__device__ float slope(const float* depth_m, int column, int row, int width, int height) {
  float here = depth_m[row * width + column], both = 0.0f;
  float left = column > 0 ? fabsf(here - depth_m[row * width + column - 1]) : 3.4e38f;
  float right = column + 1 < width ? fabsf(depth_m[row * width + column + 1] - here) : 3.4e38f;
  float above = row > 0 ? fabsf(here - depth_m[(row - 1) * width + column]) : 3.4e38f;
  float below = row + 1 < height ? fabsf(depth_m[(row + 1) * width + column] - here) : 3.4e38f;
  if (width > 1) both += fminf(left, right);
  if (height > 1) both += fminf(above, below);
  return both / here;
}

// Trust 0..1 in what lies at x, y of the former picture: inside it, of the expected depth, nothing near gone from
// beside it. limits: DEPTH_TOLERANCE, SLOPE_TOLERANCE, MOVING_TOLERANCE, LEFT_TOLERANCE of framegen/temporal/masks.py
extern "C" __global__ void depth_trust(const float* depth_m, const float* expected_m, const float* before_m,
                                       const float* x, const float* y, const unsigned char* moving,
                                       const float* limits, float* trust, int width, int height) {
  int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
  if (column >= width || row >= height) return;
  int cell = row * width + column;
  float px = bounded(x[cell], width), py = bounded(y[cell], height);
  int fx = (int)floorf(px + 0.5f), fy = (int)floorf(py + 0.5f);
  float border = fminf(fminf(px, width - 1 - px), fminf(py, height - 1 - py));
  float within = fminf(fmaxf(border + 1.0f, 0.0f), 1.0f);
  float found = before_m[held(fy, height) * width + held(fx, width)], expected = expected_m[cell];
  float error = fabsf(found - expected) / fmaxf(fminf(found, expected), 1e-3f);
  float tolerance = limits[0] + limits[1] * slope(depth_m, column, row, width, height) + limits[2] * (moving[cell] != 0);
  float agree = falling(error, tolerance, 2.0f * tolerance);
  float before = least(before_m, fx, fy, 1, width, height), margin = tolerance + limits[3];
  float near = least(expected_m, column, row, 2, width, height) / fmaxf(before, 1e-3f) - 1.0f;
  trust[cell] = within * agree * falling(near, margin, 1.5f * margin);
}

__device__ __forceinline__ void cubic(float t, float* w) {  // Keys 1981, eq. 4, a = -0.75
  const float a = -0.75f;
  float u = 1.0f + t, v = 1.0f - t, s = 2.0f - t;
  w[0] = ((a * u - 5.0f * a) * u + 8.0f * a) * u - 4.0f * a;
  w[1] = ((a + 2.0f) * t - (a + 3.0f)) * t * t + 1.0f;
  w[2] = ((a + 2.0f) * v - (a + 3.0f)) * v * v + 1.0f;
  w[3] = ((a * s - 5.0f * a) * s + 8.0f * a) * s - 4.0f * a;
}

// A latent at places x, y, bicubic, its edge repeated.
extern "C" __global__ void fetch_latent(const float* latent, const float* x, const float* y, float* out, int channels,
                                        int width, int height) {
  int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
  if (column >= width || row >= height) return;
  int cell = row * width + column, area = width * height;
  float px = bounded(x[cell], width), py = bounded(y[cell], height), across[4], down[4];
  int left = (int)floorf(px), top = (int)floorf(py);
  cubic(px - left, across);
  cubic(py - top, down);
  for (int c = 0; c < channels; c++) {
    float sum = 0.0f;
    for (int j = 0; j < 4; j++) {
      const float* line = latent + c * area + held(top + j - 1, height) * width;
      float part = 0.0f;
      for (int i = 0; i < 4; i++) part += across[i] * line[held(left + i - 1, width)];
      sum += down[j] * part;
    }
    out[c * area + cell] = sum;
  }
}

// fresh + weight (clamp(past) - fresh), clamped to the 3x3 neighbourhood of fresh, widened by slack[channel].
extern "C" __global__ void clamped_blend(const float* fresh, const float* past, const float* weight, const float* slack,
                                         float* out, int channels, int width, int height) {
  int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
  if (column >= width || row >= height) return;
  int cell = row * width + column, area = width * height;
  for (int c = 0; c < channels; c++) {
    const float* plane = fresh + c * area;
    float low = plane[cell], high = low;
    for (int dy = -1; dy <= 1; dy++)
      for (int dx = -1; dx <= 1; dx++) {
        float value = plane[held(row + dy, height) * width + held(column + dx, width)];
        low = fminf(low, value);
        high = fmaxf(high, value);
      }
    float kept = fminf(fmaxf(past[c * area + cell], low - slack[c]), high + slack[c]);
    out[c * area + cell] = plane[cell] + weight[cell] * (kept - plane[cell]);
  }
}
