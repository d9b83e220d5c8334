import CTreeKernels

/// Exact SHAP values of tree ensembles (path-dependent TreeSHAP; Lundberg et al. 2020, "From local
/// explanations to global understanding with explainable AI for trees"), by the quadrature that
/// `CompiledTree` tells of: linear in the nodes of a tree, without tables, for many rows at once.
public struct TreeExplainer: Sendable {
  /// The instructions that contributions are computed with.
  public enum Kernel: String, Sendable, CaseIterable {
    /// Those that every processor of the target has.
    case portable
    case avx2
    case avx512

    /// The fastest that this processor has.
    public static var best: Kernel {
      switch te_best_kernel() {
      case TE_AVX512: .avx512
      case TE_AVX2: .avx2
      default: .portable
      }
    }

    /// Those that this processor has.
    public static var available: [Kernel] {
      let best = te_best_kernel().rawValue
      return allCases.filter { $0.code.rawValue <= best }
    }

    fileprivate var code: te_kernel {
      switch self {
      case .portable: TE_PORTABLE
      case .avx2: TE_AVX2
      case .avx512: TE_AVX512
      }
    }
  }

  public let featureCount: Int
  /// The margin of an average row, where the contributions begin.
  public let expectedMargin: Float
  private let trees: [CompiledTree]
  /// The weights of the quadrature, by the number of its points.
  private let weights: [[Float]]
  private let scratchSize: Int
  private let kernel: Kernel

  /// - Throws: `TreeEnsembleError.unsupported` where the covers of nodes do not add up.
  public init(_ ensemble: TreeEnsemble, kernel: Kernel = .best) throws {
    let all = try ensemble.trees.map(CompiledTree.init)
    let trees = all.filter { !$0.splits.isEmpty }
    let mostPoints = trees.map(\.pointCount).max() ?? 0
    featureCount = ensemble.featureCount
    expectedMargin = Float(all.reduce(Double(ensemble.baseMargin)) { $0 + $1.expectedValue })
    weights = (0...mostPoints).map { Quadrature(count: $0).weights.map { Float($0) } }
    scratchSize =
      trees.map {
        Int(te_scratch_size(Int32($0.splits.count), Int32($0.pointCount)))
      }.max() ?? 0
    self.trees = trees
    self.kernel = kernel
  }

  /// What each feature adds to the margin of each row, in log-odds for a yes-or-no label.
  ///
  /// Rows are taken in blocks that threads share; the values do not depend on their number.
  /// - Parameters:
  ///   - rows: `rowCount` × `featureCount` values, row after row; NaN is missing, none is infinite.
  ///   - result: `rowCount` × (`featureCount` + 1) values, row after row; a row's last is
  ///     `expectedMargin`. With it a row's contributions sum to its margin.
  ///   - threads: how many threads compute; the caller's waits for them.
  public func explain(
    _ rows: UnsafeBufferPointer<Float>, rowCount: Int,
    into result: UnsafeMutableBufferPointer<Float>,
    threads: Int
  ) {
    precondition(rows.count == rowCount * featureCount)
    precondition(result.count == rowCount * (featureCount + 1))
    let blocks = (rowCount + Block.rowCount - 1) / Block.rowCount
    guard blocks > 0 else { return }
    let rows = UncheckedRows(rows: rows, result: result)
    withKernelTrees { trees in
      ParallelBlocks.forEach(blocks, threads: threads) { take in
        let block = Block(featureCount: featureCount, scratchSize: scratchSize)
        while let place = take() {
          let first = place * Block.rowCount
          let count = min(Block.rowCount, rowCount - first)
          block.load(rows.rows, first: first, count: count)
          block.explain(trees, kernel.code)
          block.store(into: rows.result, first: first, count: count, bias: expectedMargin)
        }
      }
    }
  }

  /// The trees as the kernel reads them, while `body` runs.
  private func withKernelTrees(_ body: (KernelTrees) -> Void) {
    var arrays = KernelArrays()
    for tree in trees { arrays.append(tree, weights: weights[tree.pointCount]) }
    arrays.withTrees(body)
  }
}

/// Rows and their result. Threads touch different rows of them.
private struct UncheckedRows: @unchecked Sendable {
  let rows: UnsafeBufferPointer<Float>
  let result: UnsafeMutableBufferPointer<Float>
}
