#include "tree_kernels.h"

#include <string.h>

#define LANES 8
#define TARGET
#define NAME(x) portable_##x
#include "kernel.inc"
#undef LANES
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) avx2_##x
#include "kernel.inc"
#undef LANES
#undef TARGET
#undef NAME

#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma")))
#define NAME(x) avx512_##x
#include "kernel.inc"
#undef LANES
#undef TARGET
#undef NAME
#endif

te_kernel te_best_kernel(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq"))
    return TE_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return TE_AVX2;
#endif
  return TE_PORTABLE;
}

int64_t te_scratch_size(int32_t splits, int32_t points) {
  return (int64_t)splits * (3 * (int64_t)points + 2) * 16;
}

// Floats are exact enough for the sum of a few trees only.
static void flush(float *partial, double *sums, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    sums[i] += partial[i];
    partial[i] = 0;
  }
}

void te_explain(te_kernel kernel, const te_tree *trees, const float *const *weights,
                int32_t tree_count, int32_t features, const float *low, const float *high,
                float *partial, double *sums, float *scratch) {
  const int64_t count = (int64_t)features * TE_ROWS;
  memset(partial, 0, count * sizeof(float));
  for (int32_t t = 0; t < tree_count; t++) {
    switch (kernel) {
#if defined(__x86_64__)
      case TE_AVX512: avx512_tree(trees + t, weights[t], low, high, partial, scratch); break;
      case TE_AVX2: avx2_tree(trees + t, weights[t], low, high, partial, scratch); break;
#endif
      default: portable_tree(trees + t, weights[t], low, high, partial, scratch);
    }
    if (t % 16 == 15) flush(partial, sums, count);
  }
  flush(partial, sums, count);
}
