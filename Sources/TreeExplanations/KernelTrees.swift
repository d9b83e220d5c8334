import CTreeKernels

/// Trees as the kernel reads them; valid while `KernelArrays.withTrees` runs.
struct KernelTrees: @unchecked Sendable {
  let trees: UnsafePointer<te_tree>?
  let weights: UnsafePointer<UnsafePointer<Float>?>?
  let count: Int
}

/// All trees' splits, leaves and constants, one after the other, so that few addresses hold them.
struct KernelArrays {
  private struct Place {
    let splits, leaves, constants, weights: Int
    let splitCount, pointCount: Int32
  }

  private var splits: [te_split] = []
  private var floats: [Float] = []
  private var places: [Place] = []

  mutating func append(_ tree: CompiledTree, weights: [Float]) {
    let leaves = floats.count
    let constants = leaves + tree.leaves.count
    places.append(
      Place(
        splits: splits.count, leaves: leaves, constants: constants,
        weights: constants + tree.constants.count, splitCount: Int32(tree.splits.count),
        pointCount: Int32(tree.pointCount)))
    splits += tree.splits
    floats += tree.leaves + tree.constants + weights
  }

  func withTrees(_ body: (KernelTrees) -> Void) {
    splits.withUnsafeBufferPointer { splits in
      floats.withUnsafeBufferPointer { floats in
        guard let firstSplit = splits.baseAddress, let firstFloat = floats.baseAddress else {
          return body(KernelTrees(trees: nil, weights: nil, count: 0))
        }
        let trees = places.map { place in
          te_tree(
            splits: firstSplit + place.splits, leaves: firstFloat + place.leaves,
            constants: firstFloat + place.constants, split_count: place.splitCount,
            point_count: place.pointCount)
        }
        let weights = places.map { Optional(firstFloat + $0.weights) }
        trees.withUnsafeBufferPointer { trees in
          weights.withUnsafeBufferPointer { weights in
            body(
              KernelTrees(
                trees: trees.baseAddress, weights: weights.baseAddress, count: places.count))
          }
        }
      }
    }
  }
}
