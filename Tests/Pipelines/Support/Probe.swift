import Frames
import PipelineFiles
import Relations

/// A stage kind for tests: the rows of a stage as it shows them at several past instants, one below
/// the other with the instant as `cutoff`. Published like any rows, they can be compared in Postgres.
struct Probe: StageKind {
  static let kind = "probe"
  static let group = StageGroup.rows
  static let about = "Shows what a stage says at past instants."
  static let example = """
    seen:
      probe: { input: orders, at: ["2026-06-01"] }
    """

  let input: StageName
  let at: [Phrase]

  init(_ keys: inout Keys) {
    input = keys("input", "Stage that is asked.")
    at = keys("at", "Instants in the pipeline's zone.")
  }

  var inputs: [StageName] { [input] }

  func plan(_ context: PlanContext) -> StagePlan? {
    guard let relation = context.relation(input) else { return nil }
    let instants = at.compactMap { Instant($0.text, in: context.zone) }
    guard instants.count == at.count else {
      context.report.error(
        .init(rawValue: "T0001"), "an instant cannot be read", at: input.span)
      return nil
    }
    let fields = [Field("cutoff", .timestamptz, isNullable: false)] + relation.schema.fields
    let shape = RelationShape(schema: Schema(fields), key: ["cutoff"] + relation.key)
    return StagePlan(
      output: .made(.relation(shape), lineage: [:], needs: [:]), reading: nil, publishes: [],
      atPublication: nil, asksFrom: instants.min() ?? context.asOf, checkpoint: .none,
      secretDigests: [], notes: [],
      work: ProbeWork(input: input.text, instants: instants, relation: shape))
  }
}

private struct ProbeWork: StageWork {
  let input: String
  let instants: [Instant]
  let relation: RelationShape

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let source = try context.relation(input)
    var frames: [Frame] = []
    for instant in instants {
      let frame = try await source.frame(asOf: instant)
      let cutoff = Column(
        type: .timestamptz,
        values: .int64(Array(repeating: instant.microseconds, count: frame.rowCount)))
      frames.append(
        Frame(
          schema: relation.schema, columns: [cutoff] + frame.columns, rowCount: frame.rowCount))
    }
    guard let frame = Frame.concatenating(frames) else {
      throw StageFailure("a probe needs an instant")
    }
    return StageResult(
      output: .relation(ProbeRelation(shape: relation, zone: context.zone, frame: frame)),
      rows: frame.rowCount)
  }
}

private struct ProbeRelation: Relation {
  let shape: RelationShape
  let zone: CalendarZone
  let frame: Frame

  var companions: [String: any Relation] { [:] }
  func keptFrames(columns: Set<String>?) -> [String: Frame]? { nil }
  func frame(asOf: Instant) async throws -> Frame { frame }
  func history(asOf: Instant) async throws -> Frame { frame }
  func undatedRows(asOf: Instant) async throws -> Frame? { nil }
  func histories(in zone: CalendarZone) -> [RelationHistory] { [] }
}
