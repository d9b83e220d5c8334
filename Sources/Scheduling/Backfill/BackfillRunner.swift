import Frames
import PipelineFiles
import Runs

/// Makes the runs of a backfill, some at the same time.
public struct BackfillRunner: Sendable {
  private let maker: any RunMaker
  private let parallel: Int
  private let report: @Sendable (Instant, MadeRun) -> Void

  /// - Parameters:
  ///   - parallel: runs at the same time.
  ///   - report: is told what became of each.
  public init(
    _ maker: any RunMaker, parallel: Int, report: @escaping @Sendable (Instant, MadeRun) -> Void
  ) {
    self.maker = maker
    self.parallel = parallel
    self.report = report
  }

  /// Makes what is pending. Ends early when the task is cancelled, and when a run cannot even begin:
  /// the next would not fare better.
  /// - Returns: what became of those that were tried.
  public func run(
    _ backfill: Backfill, of pipeline: Pipeline, in project: Project, newestFirst: Bool
  ) async -> [MadeRun] {
    let asOfs = newestFirst ? backfill.pending.reversed() : backfill.pending
    return await withTaskGroup(of: (Instant, MadeRun).self) { group in
      var rest = asOfs[...]
      var results: [MadeRun] = []
      func begin() {
        guard let asOf = rest.popFirst() else { return }
        let wanted = WantedRun(
          pipeline: pipeline, project: project, asOf: asOf, claim: .backfill(backfill.id),
          resumes: backfill.begun.contains(asOf))
        group.addTask { [maker] in (asOf, await maker.make(wanted)) }
      }
      for _ in 0..<max(1, parallel) { begin() }
      while let (asOf, made) = await group.next() {
        report(asOf, made)
        results.append(made)
        if case .notBegun = made { rest = [] }
        if !Task.isCancelled { begin() }
      }
      return results
    }
  }
}
