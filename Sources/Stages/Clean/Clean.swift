import Diagnostics
import Frames
import PipelineFiles

/// Puts rows right, step by step, and checks what comes out.
public struct Clean: StageKind {
  public static let kind = "clean"
  public static let about =
    "Puts rows right step by step, counts what it changed, and checks the result."
  public static let example = """
    clean_orders:
      clean:
        input: orders
        steps:
          - deduplicate: { by: order_id, keep: latest, order: loaded_at }
          - reject: { where: "amount < 0", reason: negative amount }
          - set: { city: "lower(trim(city))" }
          - fill: { column: discount, with: "0" }
          - clip: { column: amount, to: [p0, p99.9] }
        expect:
          - { rows: ">= 1000" }
          - { not_null: [user_id, ordered_at] }
          - { between: { amount: [0, 100000] } }
          - { accepted: { status: [placed, paid, cancelled] } }
          - { rejected: "<= 2%" }
    """

  let input: Name
  let steps: [CleanStep]
  let expect: [Expectation]

  public init(_ keys: inout Keys) {
    input = keys("input", "Stage whose rows are cleaned.")
    steps = keys("steps", "What is done, in this order.", default: [], shown: "none")
    expect = keys(
      "expect", "What must hold of the result; otherwise nothing is published.", default: [],
      shown: "none")
  }

  public var inputs: [Name] { [input] }

  /// Whether a step leaves no two rows that agree in all of these columns.
  func deduplicates(_ key: [Name]) -> Bool {
    steps.contains { step in
      if case .deduplicate(let step) = step {
        step.by.values.allSatisfy(key.contains)
      } else {
        false
      }
    }
  }

  public func plan(_ context: PlanContext) -> (any StagePlan)? {
    let before = context.report.errorCount
    for step in steps { step.check(context.report) }
    guard var shape = context.relation(input) else { return nil }
    var operations: [any CleanOperation] = []
    for step in steps {
      guard let operation = step.plan(&shape, context) else { continue }
      operations.append(operation)
    }
    let expectations = expect.flatMap { $0.plan(shape, context) }
    guard context.report.errorCount == before, operations.count == steps.count else { return nil }
    return CleanPlan(
      input: input.text, operations: operations, expectations: expectations, relation: shape,
      preview: [
        "roost preview", ShellText.quoted(context.stage.span.file.name), context.stage.text,
        "--as-of", ShellText.quoted(context.asOf.shortText(in: context.zone)),
      ].joined(separator: " "))
  }
}

/// One step of a clean stage.
enum CleanStep: OneOf {
  case deduplicate(Deduplicate)
  case reject(Reject)
  case set(SetColumns)
  case clip(Clip)
  case fill(Fill)
  case hash(OneOrMany<Name>)

  static let cases: [Case<CleanStep>] = [
    Case(
      "deduplicate", "Keeps one row of those that agree in some columns.", CleanStep.deduplicate),
    Case("reject", "Removes rows for a reason, and counts them.", CleanStep.reject),
    Case("set", "Gives columns the value of an expression.", CleanStep.set),
    Case("clip", "Pulls values outside two bounds to the nearer one.", CleanStep.clip),
    Case("fill", "Gives nulls a value.", CleanStep.fill),
    Case(
      "hash", "Columns that are replaced by their keyed hash, and are not personal any more.",
      CleanStep.hash),
  ]

  /// What can be said without knowing any columns.
  func check(_ report: Report) {
    switch self {
    case .clip(let step): step.check(report)
    case .fill(let step): step.check(report)
    case .deduplicate, .reject, .set, .hash: break
    }
  }

  /// The typed step; changes the shape to what comes out of it.
  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> (any CleanOperation)? {
    switch self {
    case .deduplicate(let step): step.plan(shape, context)
    case .reject(let step): step.plan(shape, context)
    case .set(let step): step.plan(&shape, context)
    case .clip(let step): step.plan(shape, context)
    case .fill(let step): step.plan(&shape, context)
    case .hash(let columns): HashOperation.plan(columns.values, &shape, context)
    }
  }
}
