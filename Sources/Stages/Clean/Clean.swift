import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Puts rows right, step by step, and checks what comes out.
public struct Clean: StageKind, AsksCatalog, MakesTables, ReadsContacts {
  public static let kind = "clean"
  public static let group = StageGroup.rows
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
          - normalize: { columns: receiver, form: nfkc, trim: true }
          - normalize: { columns: phone, form: phone, country: CN }
          - cast: { to: { weight: "numeric(8,3)", promised: date }, otherwise: "null" }
          - map: { column: status, to: { payed: paid, cancled: cancelled }, otherwise: keep }
          - fill: { column: discount, with: "0" }
          - clip: { column: amount, to: [p0, p99.9] }
          - compare: { column: amount, to: mean, by: city, as: amount_index }
        expect:
          - { rows: ">= 1000" }
          - { not_null: [user_id, ordered_at] }
          - { between: { amount: [0, 100000] } }
          - { accepted: { status: [placed, paid, cancelled] } }
          - { rejected: "<= 2%" }
        quarantine: { table: marketing.rejected_orders, keep: 90d }
    """

  let input: StageName
  let steps: [CleanStep]
  let expect: [Expectation]
  let quarantine: QuarantineTable?

  public init(_ keys: inout Keys) {
    input = keys("input", "Stage whose rows are cleaned.")
    steps = keys("steps", "What is done, in this order.", default: [], shown: "none")
    expect = keys(
      "expect", "What must hold of the result; otherwise nothing is published.", default: [],
      shown: "none")
    quarantine = keys(
      "quarantine",
      "Table that shows the key of every rejected row with the reason, and with keys for how long; "
        + "without it they are only counted.")
  }

  public var inputs: [StageName] { [input] }

  public func questions(_ context: PlanContext) -> [CatalogQuestion] {
    target(context).map { [$0.question] } ?? []
  }

  public func makes(_ context: PlanContext) -> [MadeTable] {
    target(context)?.made ?? []
  }

  /// The table of the rejected rows.
  private func target(_ context: PlanContext) -> PublishedTarget? {
    quarantine.map {
      PublishedTarget(table: $0.table.name, place: $0.table.span, context: context)
    }
  }

  /// Columns that a step writes in the form of an e-mail address or a telephone number.
  public var contacts: [ColumnName] { steps.flatMap(\.kind.contacts) }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let before = context.report.errorCount
    for step in steps { step.kind.check(context.report) }
    guard var shape = context.relation(input) else { return nil }
    var rows = RelationPlan.stage(input.text, shape)
    var isWhole = true
    for step in steps {
      guard let step = step.kind.plan(&shape, context) else {
        isWhole = false
        continue
      }
      rows = .step(step, rows)
      shape = step.shape(after: shape)
    }
    let expectations = expect.flatMap { $0.plan(shape, context) }
    let quarantine = quarantine(shape, context)
    guard context.report.errorCount == before, isWhole else { return nil }
    return StagePlan(
      output: .rows(
        rows,
        checked: quarantine == nil
          ? expectations.reduce(into: []) { $0.formUnion($1.needs.own) } : nil),
      reading: nil,
      publishes: quarantine.map { [PublishedRows($0.table, lineage: $0.lineage(rows.lineage))] }
        ?? [],
      atPublication: nil, asksFrom: context.asOf, checkpoint: .rows,
      secretDigests: rows.trailingSteps.steps.compactMap {
        if case .hash(let hash) = $0 { hash.key.fingerprint } else { nil }
      },
      notes: (expectations.isEmpty
        ? [] : [PlannedStep("check \(expectations.count) expectations of the result")])
        + (quarantine.map { [PlannedStep($0.description)] } ?? []),
      work: CleanWork(
        input: input.text, expectations: expectations, quarantine: quarantine,
        name: context.stage.text, file: context.file))
  }
}

extension Clean {
  /// Where the rejected rows go, if the stage says so.
  private func quarantine(_ shape: RelationShape, _ context: PlanContext) -> Quarantine? {
    guard let target = target(context) else { return nil }
    guard steps.contains(where: \.kind.canReject) else {
      context.report.error(
        .keyCombination, "no step rejects rows that could be quarantined", at: target.place,
        help: "add a reject step, say otherwise: reject in a cast or map, or remove the key")
      return nil
    }
    let quarantine = Quarantine(
      target.table, rejectedBy: context.stage.text, shape, keep: self.quarantine?.keep?.span)
    target.checkSchema()
    target.check(quarantine.table.schema, columnsAt: target.place)
    quarantine.checkNames(at: target.place, context.report)
    return quarantine
  }
}
