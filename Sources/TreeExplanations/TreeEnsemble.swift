/// An ensemble of binary decision trees whose leaves are summed, as boosting makes them.
public struct TreeEnsemble: Sendable {
  /// A tree as nodes, of which the first is the root.
  public struct Tree: Sendable {
    public let nodes: [Node]

    /// - Throws: `TreeEnsembleError.malformed` unless the nodes are one tree, parents before children.
    public init(nodes: [Node], featureCount: Int) throws {
      self.nodes = nodes
      try check(featureCount: featureCount)
    }
  }

  public enum Node: Sendable {
    case leaf(value: Float, cover: Float)
    case split(Split)

    /// The weight of the training rows that came here, such as the sum of their hessians.
    public var cover: Float {
      switch self {
      case .leaf(_, let cover): cover
      case .split(let split): split.cover
      }
    }
  }

  /// A row whose value is below the threshold goes left.
  public struct Split: Sendable {
    public let feature: Int
    public let threshold: Float
    public let missingGoesLeft: Bool
    /// Places of the children among the tree's nodes.
    public let left, right: Int
    public let cover: Float

    public init(
      feature: Int, threshold: Float, missingGoesLeft: Bool, left: Int, right: Int, cover: Float
    ) {
      self.feature = feature
      self.threshold = threshold
      self.missingGoesLeft = missingGoesLeft
      self.left = left
      self.right = right
      self.cover = cover
    }
  }

  public let featureCount: Int
  /// The margin before any tree.
  public let baseMargin: Float
  public let trees: [Tree]

  public init(featureCount: Int, baseMargin: Float, trees: [Tree]) {
    self.featureCount = featureCount
    self.baseMargin = baseMargin
    self.trees = trees
  }
}

/// Why an ensemble cannot be explained here.
public enum TreeEnsembleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// It is no ensemble.
  case malformed(String)
  /// It is one of a kind that is left to its own library.
  case unsupported(String)

  public var description: String {
    switch self {
    case .malformed(let what): "the trees are malformed: \(what)"
    case .unsupported(let what): "the trees have \(what), which is not supported"
    }
  }
}

extension TreeEnsemble.Tree {
  private func check(featureCount: Int) throws {
    var isChild = Array(repeating: false, count: nodes.count)
    for (place, node) in nodes.enumerated() {
      guard case .split(let split) = node else { continue }
      guard (0..<featureCount).contains(split.feature) else {
        throw TreeEnsembleError.malformed("a split is on feature \(split.feature)")
      }
      for child in [split.left, split.right] {
        guard child > place, child < nodes.count, !isChild[child] else {
          throw TreeEnsembleError.malformed("a node's child is no node of its own below it")
        }
        isChild[child] = true
      }
    }
    guard !nodes.isEmpty, isChild.dropFirst().allSatisfy(\.self) else {
      throw TreeEnsembleError.malformed("there are nodes outside of the tree")
    }
  }
}
