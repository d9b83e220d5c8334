import Expressions
import Frames
import PipelineFiles
import PostgresClient
import Relations
import Runs

/// Runs a stage and those before it in memory, over snapshots of the sources. Takes no lock, records
/// nothing, writes nothing.
public struct PreviewRunner: Sendable {
  private let request: PreviewRequest
  private let observer: RunObserver

  /// - Parameter observer: told what happens; of a preview neither `began` nor `ended`.
  public init(_ request: PreviewRequest, observer: @escaping RunObserver) {
    self.request = request
    self.observer = observer
  }

  private var pipeline: Pipeline { request.planned.pipeline }

  /// - Throws: `PreviewError`; `PostgresError` where a source cannot be reached; `CancellationError`.
  public func run() async throws -> PreviewResult {
    let sources = Set(
      pipeline.stages.compactMap { request.planned.plan(of: $0)?.reading?.connection })
    let snapshots: SourceSnapshots
    do {
      snapshots = try await SourceSnapshots.open(
        request.connections.filter { sources.contains($0.key) },
        readings: request.planned.readings(of: pipeline.stages), observer)
    } catch {
      throw StageTrouble(error).state == .cancelled ? CancellationError() : error
    }
    snapshots.warn(of: snapshots.stale(before: request.planned.asOf), [:])
    observer(.snapshots(snapshots.instants))
    describeSample()
    let published = PublishedFrames()
    let results = try await snapshots.releasing { try await runStages(snapshots, published) }
    return try await seen(results, published)
  }

  private func describeSample() {
    guard let sample = request.sample else { return }
    observer(.note("a sample of \(sample.share) by \(sample.column), the same each time"))
    let whole = pipeline.stages.filter { stage in
      guard let plan = request.planned.plan(of: stage) else { return false }
      return plan.reading != nil && !sample.applies(to: plan)
    }
    guard !whole.isEmpty else { return }
    observer(
      .note(
        "read in full, because they have no \(sample.column): "
          + whole.map(\.name.text).joined(separator: ", ")))
  }

  // MARK: Stages

  /// What the stages made whose rows are needed, by name.
  private func runStages(
    _ snapshots: SourceSnapshots, _ published: PublishedFrames
  ) async throws -> [String: StageResult] {
    var board = StageBoard(request.planned)
    let needed = Set([request.stage.name.text] + (request.missing.map { [$0.other.stage] } ?? []))
    var results: [String: StageResult] = [:]
    return try await withThrowingTaskGroup(of: (Stage, Result<StageResult, any Error>).self) {
      group in
      while true {
        try Task.checkCancellation()
        for stage in board.takeReady() {
          guard let plan = request.planned.plan(of: stage) else { continue }
          let context = context(
            of: stage, plan, inputs: board.outputs(for: stage), snapshots, published)
          observer(.stageBegan(stage.name.text))
          group.addTask {
            do {
              return (stage, .success(try await plan.work.run(plan, in: context)))
            } catch {
              return (stage, .failure(error))
            }
          }
        }
        guard let (stage, result) = try await group.next() else { break }
        switch result {
        case .success(let result):
          observer(.stageFinished(stage.name.text, result))
          if needed.contains(stage.name.text) { results[stage.name.text] = result }
          if results.count == needed.count { return results }
          board.finish(stage, result.output)
        case .failure(let error):
          group.cancelAll()
          throw failure(of: stage, error)
        }
        if board.areSourcesRead {
          for (source, reason) in await snapshots.fallbacks().sorted(by: { $0.key < $1.key }) {
            observer(.note("\(source) was read over one connection: \(reason)"))
          }
          await snapshots.release()
          board.forgetSources()
        }
      }
      throw StageFailure("stage \(request.stage.name.text) did not run")
    }
  }

  private func context(
    of stage: Stage, _ plan: StagePlan, inputs: [String: StageOutput],
    _ snapshots: SourceSnapshots, _ published: PublishedFrames
  ) -> PreviewStageContext {
    PreviewStageContext(
      stage: stage.name.text, asOf: request.planned.asOf, zone: pipeline.zone,
      engine: request.planned.engine, holdoutKey: request.holdoutKey, inputs: inputs,
      snapshots: snapshots,
      sample: request.sample.flatMap { $0.applies(to: plan) ? $0 : nil }, published: published,
      observer: observer)
  }

  private func failure(of stage: Stage, _ error: any Error) -> any Error {
    let trouble = StageTrouble(error)
    if trouble.state == .cancelled { return CancellationError() }
    observer(.stageFailed(stage.name.text, trouble.message))
    let hint = request.sample == nil ? "" : "; perhaps a larger --sample has what it needs"
    return PreviewError(
      description: "stage \(stage.name.text) failed: \(trouble.message)\(hint)",
      status: trouble.isUnreachable
        ? .unreachable : trouble.isBlockedByCheck ? .blocked : .stageFailed)
  }

  // MARK: What is seen

  private func seen(
    _ results: [String: StageResult], _ published: PublishedFrames
  ) async throws -> PreviewResult {
    guard let result = results[request.stage.name.text] else {
      throw StageFailure("stage \(request.stage.name.text) did not run")
    }
    let frame: Frame?
    switch result.output {
    case .relation(let relation):
      frame = try await relation.frame(asOf: request.planned.asOf)
    case .artifact:
      frame = nil
    case .nothing:
      let table = request.planned.plan(of: request.stage)?.tables.first
      frame = table.flatMap { published[$0.name] }
    }
    guard let frame, let schema = request.schema else {
      return .report(
        PreviewReport(
          stage: request.stage.name.text, kind: request.stage.kindName, result: result))
    }
    var searched: Frame?
    if let other = request.missing?.other.stage,
      case .relation(let relation)? = results[other]?.output
    {
      searched = try await relation.frame(asOf: request.planned.asOf)
    }
    return .rows(try rows(of: frame, schema, beside: searched))
  }

  /// - Parameter searched: the rows of the other stage in which values are looked for.
  private func rows(
    of frame: Frame, _ schema: Schema, beside searched: Frame?
  ) throws -> PreviewRows {
    let zone = pipeline.zone
    var matching = frame
    if let repeats = request.repeats { matching = matching.repeating(repeats) }
    if let missing = request.missing, let values = matching[missing.column],
      let others = searched?[missing.other.column]
    {
      let found = KeyMatch(of: [values], in: [others]).rows
      matching = matching.filtered(by: found.indices.map { found[$0] < 0 && !values.isNull($0) })
    }
    if let condition = request.condition {
      let context = EvaluationContext(asOf: request.planned.asOf, zone: zone)
      do throws(EvaluationError) {
        matching = matching.filtered(by: try condition.selection(over: matching, in: context))
      } catch {
        throw PreviewError(description: "\(error)", status: .stageFailed)
      }
    }
    let names = request.columns ?? schema.names
    // What is personal was decided when the stage was planned.
    let fields = names.compactMap { schema[$0] }
    let shown = fields.map { field in (field, matching[field.name]) }
    let rows = (0..<min(request.limit, matching.rowCount)).map { row in
      shown.map { field, column in
        guard let text = column?.text(row, in: zone) else { return PreviewCell.null }
        return field.isPersonal ? .masked : .value(text)
      }
    }
    return PreviewRows(
      fields: fields, rows: rows, matching: matching.rowCount, total: frame.rowCount)
  }
}

extension Frame {
  /// The rows that agree with others in these columns, nulls too, those that agree one below the other.
  fileprivate func repeating(_ names: [String]) -> Frame {
    let ordered = ordered(by: names)
    let grouping = Grouping(by: names.compactMap { ordered[$0] }, rowCount: rowCount)
    var sizes = [Int](repeating: 0, count: grouping.count)
    for group in grouping.groups { sizes[Int(group)] += 1 }
    return ordered.filtered(by: grouping.groups.map { sizes[Int($0)] > 1 })
  }
}
