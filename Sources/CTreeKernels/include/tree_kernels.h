#ifndef TREE_KERNELS_H
#define TREE_KERNELS_H

#include <stdint.h>

// Exact path-dependent SHAP values of one block of rows for trees of single splits.
// Swift has no way to compile one function for several instruction sets. What the numbers mean is told in CompiledTree.swift.

enum { TE_ROWS = 64 };  // rows of a block; a multiple of all lane counts

typedef struct {
  int32_t feature;
  float threshold;      // a row goes left where its value is below
  int32_t left, right;  // a split of the tree, or ~i for its leaf i
  int32_t ancestor;     // nearest split above on the same feature, or -1
  uint8_t is_below_left;   // whether this split lies in that ancestor's left branch
  uint8_t is_missing_left; // whether a missing value goes left
} te_split;

typedef struct {
  const te_split *splits;   // parents before children; the root first
  const float *leaves;
  const float *constants;   // for each split: left share; then for each point: bl, br, cl, cr
  int32_t split_count;
  int32_t point_count;
} te_tree;

typedef enum { TE_PORTABLE = 0, TE_AVX2 = 1, TE_AVX512 = 2 } te_kernel;

// The fastest kernel that this processor can run.
te_kernel te_best_kernel(void);

// Floats of scratch that a kernel needs for trees of so many splits and points; to be 64-aligned.
int64_t te_scratch_size(int32_t splits, int32_t points);

// Adds the contributions of trees to `sums` (features x TE_ROWS).
//   low, high: features x TE_ROWS values, with missing ones -infinity in low and +infinity in high.
//   weights:   the point weights of the trees' quadrature, by tree.
//   partial:   features x TE_ROWS floats for sums of a few trees; 64-aligned as low, high and scratch.
void te_explain(te_kernel kernel, const te_tree *trees, const float *const *weights,
                int32_t tree_count, int32_t features, const float *low, const float *high,
                float *partial, double *sums, float *scratch);

#endif
