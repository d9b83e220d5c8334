import Diagnostics
import PipelineFiles
import Relations

/// Something that must hold of the rows of a stage, by themselves or beside those of others.
enum CheckExpectation: OneOf {
  /// One that a clean stage may have too.
  case ofRows(Expectation)
  case fresh(Fresh)
  case shareOfNulls(EntriesByName<ColumnName, Bound>)
  case matches(EntriesByName<ColumnName, RegexText>)
  case relationship(EntriesByName<ColumnName, EntityReference>)
  case sumsAgree(SumsAgree)
  case change(Change)

  static let cases: [Case<CheckExpectation>] =
    Expectation.casesOfRows.map { Case($0, CheckExpectation.ofRows) } + [
      Case("fresh", "A time that must reach up to the as-of.", CheckExpectation.fresh),
      Case(
        "share_of_nulls", "Columns with a bound for the share of nulls in them.",
        such: "'<= 5%'",
        CheckExpectation.shareOfNulls),
      Case(
        "matches", "Columns with the regular expression that their values match, beside null.",
        CheckExpectation.matches),
      Case(
        "relationship", "Columns with the stage and column in which all their values stand.",
        CheckExpectation.relationship),
      Case(
        "sums_agree", "A column whose sum is that of another stage's column.",
        CheckExpectation.sumsAgree),
      Case(
        "change", "How far the rows may lie from those of the last published runs.",
        CheckExpectation.change),
    ]

  struct Fresh: Record {
    static let about = "A time that must reach up to the as-of."
    let column: ColumnName
    let within: Duration

    init(_ keys: inout Keys) {
      column = keys("column", "Column with the time.")
      within = keys("within", "How long before the as-of the latest may be.")
    }
  }

  struct SumsAgree: Record {
    static let about = "A column whose sum is that of another stage's column."
    let column: ColumnName
    let with: EntityReference
    let within: Share

    init(_ keys: inout Keys) {
      column = keys("column", "Column of numbers.")
      with = keys("with", "Stage and column with the other numbers.")
      within = keys(
        "within", "How far the sums may lie apart, as a share of the other one.",
        default: Share(0), shown: "0%")
    }
  }

  /// The other stages that it looks at.
  var others: [StageName] {
    switch self {
    case .relationship(let columns): columns.entries.map(\.value.stage)
    case .sumsAgree(let sums): [sums.with.stage]
    case .ofRows, .fresh, .shareOfNulls, .matches, .change: []
    }
  }

  /// The typed checks; none where something is wrong, which the report then says.
  func plan(_ shape: RelationShape, _ context: PlanContext) -> [RowCheck] {
    switch self {
    case .ofRows(let expectation): expectation.plan(shape, context)
    case .fresh(let fresh): fresh.plan(shape, context).map { [$0] } ?? []
    case .shareOfNulls(let bounds):
      bounds.entries.compactMap { $0.value.planShareOfNulls(of: $0.name, shape, context) }
    case .matches(let patterns):
      patterns.entries.compactMap { $0.value.planPattern(of: $0.name, shape, context) }
    case .relationship(let columns):
      columns.entries.compactMap { $0.value.planRelationship(of: $0.name, shape, context) }
    case .sumsAgree(let sums): sums.plan(shape, context).map { [$0] } ?? []
    case .change(let change): change.plan(shape, context)
    }
  }
}
