import CTreeKernels

/// A tree laid out for the kernel.
///
/// A leaf that is worth v and lies below edges of the features i is a game in which player i is worth
/// oᵢ (whether the row takes all of i's edges) when present and zᵢ (the product of their shares of
/// cover) when absent. Its Shapley values are the integrals over t from 0 to 1 of
/// v · (oᵢ − zᵢ) · ∏ⱼ≠ᵢ (t·oⱼ + (1 − t)·zⱼ), polynomials in t of a degree below the number of features on
/// the path, so that half as many points of Gauss-Legendre quadrature give them exactly; and all leaves
/// share the products along the tree. Going down, a split multiplies the product P of its node by the
/// factor b on the left and 1 − b on the right; going up, H = H_right + b · (H_left − H_right) is what
/// its leaves are worth, and P · c · (H_left − H_right) what its feature adds.
struct CompiledTree {
  let splits: [te_split]
  let leaves: [Float]
  /// For each split: the left child's share of cover; then for each point of the quadrature the
  /// factors b where the row goes left and right, and c likewise.
  let constants: [Float]
  let pointCount: Int
  /// What the tree gives to an average row.
  let expectedValue: Double

  /// - Throws: `TreeEnsembleError.unsupported` where covers do not add up.
  init(_ tree: TreeEnsemble.Tree) throws {
    var walk = TreeWalk(tree)
    try walk.run()
    splits = walk.splits
    leaves = walk.leaves
    expectedValue = walk.expectedValue
    pointCount = max(1, (walk.mostFeatures + 1) / 2)
    let quadrature = Quadrature(count: pointCount)
    var constants: [Float] = []
    constants.reserveCapacity(splits.count * (1 + 4 * pointCount))
    for shares in walk.shares {
      constants.append(Float(shares.left))
      for t in quadrature.points {
        // Z is what earlier edges of the feature leave of it when it is absent, A its factor so far.
        let z = shares.above
        let a = t + (1 - t) * z
        let right = 1 - shares.left
        constants.append(Float((t + (1 - t) * z * shares.left) / a))
        constants.append(Float((1 - t) * z * shares.left / a))
        constants.append(Float(z * right / (a * a)))
        constants.append(Float(-z * shares.left / (a * a)))
      }
    }
    self.constants = constants
  }
}

/// Walks down a tree, parents before children, and numbers splits and leaves.
private struct TreeWalk {
  /// What a split does to its feature's share of cover.
  struct Shares {
    /// The left child's share.
    let left: Double
    /// The product of the shares of the feature's edges above.
    let above: Double
  }

  private let tree: TreeEnsemble.Tree
  private(set) var splits: [te_split] = []
  private(set) var leaves: [Float] = []
  private(set) var shares: [Shares] = []
  private(set) var expectedValue = 0.0
  /// The most features on one path.
  private(set) var mostFeatures = 0

  /// The latest split on a feature above a node, which branch the node lies in, and the product of the
  /// shares of the feature's edges down to the node.
  private struct Ancestor {
    let split: Int
    let isBelowLeft: Bool
    let share: Double
  }

  /// A node that is still to be visited, and where its parent refers to it.
  private struct Visit {
    let node: Int
    let parent: Int
    let isLeft: Bool
    let ancestors: [Int: Ancestor]
    let share: Double
  }

  init(_ tree: TreeEnsemble.Tree) { self.tree = tree }

  mutating func run() throws {
    var pending = [Visit(node: 0, parent: -1, isLeft: false, ancestors: [:], share: 1)]
    while let visit = pending.popLast() {
      switch tree.nodes[visit.node] {
      case .leaf(let value, _): add(leaf: value, visit)
      case .split(let split): pending += try add(split, visit)
      }
    }
  }

  private mutating func refer(to target: Int, from visit: Visit) {
    guard visit.parent >= 0 else { return }
    if visit.isLeft {
      splits[visit.parent].left = Int32(target)
    } else {
      splits[visit.parent].right = Int32(target)
    }
  }

  private mutating func add(leaf value: Float, _ visit: Visit) {
    refer(to: ~leaves.count, from: visit)
    leaves.append(value)
    expectedValue += Double(value) * visit.share
    mostFeatures = max(mostFeatures, visit.ancestors.count)
  }

  private mutating func add(_ split: TreeEnsemble.Split, _ visit: Visit) throws -> [Visit] {
    let place = splits.count
    refer(to: place, from: visit)
    let cover = Double(split.cover)
    let left = Double(tree.nodes[split.left].cover) / cover
    let right = Double(tree.nodes[split.right].cover) / cover
    guard left >= 0, right >= 0, abs(left + right - 1) < 1e-4 else {
      throw TreeEnsembleError.unsupported("a node whose cover is not that of its children")
    }
    let above = visit.ancestors[split.feature]
    let product = above?.share ?? 1
    splits.append(
      te_split(
        feature: Int32(split.feature), threshold: split.threshold, left: 0, right: 0,
        ancestor: Int32(above?.split ?? -1), is_below_left: above?.isBelowLeft == true ? 1 : 0,
        is_missing_left: split.missingGoesLeft ? 1 : 0))
    shares.append(Shares(left: left, above: product))
    func below(_ node: Int, isLeft: Bool, _ share: Double) -> Visit {
      var ancestors = visit.ancestors
      ancestors[split.feature] = Ancestor(
        split: place, isBelowLeft: isLeft, share: product * share)
      return Visit(
        node: node, parent: place, isLeft: isLeft, ancestors: ancestors, share: visit.share * share)
    }
    return [below(split.right, isLeft: false, 1 - left), below(split.left, isLeft: true, left)]
  }
}
