import Expressions
import Frames

/// Puts each row under the first of some rules that holds for it.
public struct RuleChoice: Sendable {
  /// A column cut into fifths of all rows, 1 to 5: 1 and the number of breaks that are less than the
  /// value. The breaks are the values at 20, 40, 60 and 80 percent, as Postgres's `percentile_disc` gives
  /// them, so that equal values have equal fifths. Of nulls and NaN there is none.
  public struct Fifth: Sendable {
    /// What comes out.
    public let field: Field
    public let column: String
    /// Whether the least values are fifth 5.
    public let isLessBetter: Bool

    public init(_ field: Field, of column: String, isLessBetter: Bool) {
      self.field = field
      self.column = column
      self.isLessBetter = isLessBetter
    }
  }

  public struct Rule: Sendable {
    /// What is chosen by it.
    public let name: String
    /// A condition over the rows and their fifths.
    public let condition: TypedExpression
    /// A column that must be true besides: whoever fits and did not agree is left to later rules.
    public let consent: String?

    public init(_ name: String, when condition: TypedExpression, consent: String? = nil) {
      self.name = name
      self.condition = condition
      self.consent = consent
    }

    /// The columns that it looks at.
    public var columns: Set<String> { condition.columns.union([consent].compactMap(\.self)) }
  }

  /// The column that holds what was chosen.
  public let field: Field
  public let fifths: [Fifth]
  public let rules: [Rule]
  /// What is chosen where no rule holds; nil for nothing.
  public let otherwise: String?

  public init(_ field: Field, fifths: [Fifth] = [], rules: [Rule], otherwise: String?) {
    self.field = field
    self.fifths = fifths
    self.rules = rules
    self.otherwise = otherwise
  }

  /// The columns of its input that it looks at.
  public var reads: Set<String> {
    let own = Set(fifths.map(\.field.name))
    return rules.reduce(into: Set(fifths.map(\.column))) { columns, rule in
      columns.formUnion(rule.columns.subtracting(own))
    }
  }
}

extension RuleChoice {
  /// What is chosen for whom, and nothing else of the rows. It is a matter of one night: fifths are those
  /// of all who are there.
  func shape(_ input: RelationShape) -> RelationShape {
    RelationShape(
      schema: Schema(
        input.key.compactMap { input.schema[$0] } + [field] + fifths.map(\.field)),
      key: input.key)
  }

  var steps: [PlannedStep] {
    fifths.map { PlannedStep("\($0.field.name): fifths of \($0.column)") }
      + rules.map {
        PlannedStep(
          "\($0.name) when \($0.condition.text)" + ($0.consent.map { ", if \($0)" } ?? ""))
      }
      + (otherwise.map { [PlannedStep("otherwise \($0)")] } ?? [])
  }

  /// - Parameter key: of its input.
  func lineage(_ before: StageLineage, key: [String]) -> StageLineage {
    var lineage = before.filter { key.contains($0.key) }
    var columns = before
    for fifth in fifths {
      columns[fifth.field.name] = before[fifth.column]
      var made = before[fifth.column] ?? ColumnLineage()
      made.expressions.append("fifths of \(fifth.column)")
      lineage[fifth.field.name] = made
    }
    let used = rules.flatMap { $0.columns.sorted() }
    var chosen = ColumnLineage(merging: used.compactMap { columns[$0] })
    chosen.expressions += rules.map { "\($0.name) when \($0.condition.text)" }
    lineage[field.name] = chosen
    return lineage
  }
}

/// What a choice did at the run's as-of.
public struct ChoiceCount: Sendable {
  public let rows: Int
  /// For each rule how many rows fit it, whichever they fit first.
  public let fitting: [Int]
  /// How many rows each name was chosen for, in the order of the rules; each name once.
  public let sizes: [(name: String, rows: Int)]
  /// For each column of fifths which of the five there are.
  public let present: [[Int]]

  public init(
    rows: Int, fitting: [Int], sizes: [(name: String, rows: Int)], present: [[Int]]
  ) {
    self.rows = rows
    self.fitting = fitting
    self.sizes = sizes
    self.present = present
  }
}
