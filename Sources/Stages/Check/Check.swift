import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Holds what must be true of rows against them before anything is published.
public struct Check: StageKind {
  public static let kind = "check"
  public static let group = StageGroup.rows
  public static let about = "Stops the run, or warns, where rows are not what they should be."
  public static let example = """
    check_orders:
      check:
        input: clean_orders
        severity: warn
        expect:
          - { unique: order_id }
          - { fresh: { column: ordered_at, within: 2d } }
          - { share_of_nulls: { city: "<= 5%" } }
          - { matches: { currency: "^[A-Z]{3}$" } }
          - { relationship: { user_id: users.user_id } }
          - { sums_agree: { column: amount, with: store_orders.amount, within: 0.1% } }
          - { change: { rows: 30%, nulls: { city: 2% }, against: 7 runs } }
    """

  let input: StageName
  let expect: [CheckExpectation]
  let severity: Severity

  public init(_ keys: inout Keys) {
    input = keys("input", "Stage whose rows are checked.")
    expect = keys("expect", "What must hold.")
    severity = keys(
      "severity", "What happens otherwise: stop publishes nothing, warn says it and goes on.",
      default: .stop, shown: "stop")
  }

  enum Severity: String, Choice { case stop, warn }

  public var inputs: [StageName] { ([input] + expect.flatMap(\.others)).removingRepeats }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let before = context.report.errorCount
    guard let shape = context.relation(input) else { return nil }
    let checks = expect.flatMap { $0.plan(shape, context) }
    if expect.isEmpty {
      context.report.error(
        .wrongValue, "nothing is expected of stage '\(input.text)'", at: input.span,
        help: "say what must hold, such as - { rows: \">= 1000\" }")
    }
    guard context.report.errorCount == before else { return nil }
    let expected = ExpectedRows(
      stage: context.stage.text, input: input.text,
      others: inputs.filter { $0 != input }.map(\.text), checks: checks)
    let beside = expected.others.isEmpty ? "" : " beside \(expected.others.joined(separator: ", "))"
    return StagePlan(
      output: .made(
        .nothing, lineage: [:],
        needs: Dictionary(
          inputs.map { ($0.text, expected.needs(of: $0.text)) }, uniquingKeysWith: { a, _ in a })),
      reading: nil, publishes: [], atPublication: nil, asksFrom: context.asOf, checkpoint: .none,
      secretDigests: [],
      notes: [
        PlannedStep(
          "check \(checks.count) expectations of \(input.text)\(beside), "
            + (severity == .stop
              ? "and publish nothing unless they hold" : "and warn where one does not hold"))
      ],
      work: CheckWork(
        expected: expected, stops: severity == .stop, file: context.file))
  }
}

extension PlanContext {
  /// The name of the pipeline's file, as it was called.
  var file: String { stage.span.file.name }
}
