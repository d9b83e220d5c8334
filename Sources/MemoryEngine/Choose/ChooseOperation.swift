import Expressions
import Frames
import Relations

/// Cuts columns into fifths and takes for each row the first rule that holds.
public struct ChooseOperation: RowOperation {
  let choice: RuleChoice
  /// Of what comes out.
  let schema: Schema

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> RowOutcome {
    RowOutcome(frame: try chosen(frame, in: context).frame, changed: 0)
  }

  func chosen(
    _ frame: Frame, in context: EvaluationContext
  ) throws -> (frame: Frame, count: ChoiceCount) {
    var rows = frame
    var present: [[Int]] = []
    for fifth in choice.fifths {
      let fifths = try frame.column(fifth.column).fifths(isLessBetter: fifth.isLessBetter)
      present.append(Set(fifths.compactMap(\.self)).sorted())
      rows = rows.setting(fifth.field, to: Column(integers: fifths))
    }
    let matches = try choice.matches(in: rows, context)
    let names = matches.rules.map { $0 < 0 ? choice.otherwise : choice.rules[$0].name }
    let sizes = (choice.rules.map(\.name) + [choice.otherwise].compactMap(\.self)).removingRepeats
      .map { name in (name, names.count { $0 == name }) }
    let made = rows.setting(choice.field, to: Column(texts: names))
    return (
      Frame(
        schema: schema, columns: try made.columns(schema.names), rowCount: frame.rowCount),
      ChoiceCount(
        rows: frame.rowCount, fitting: matches.fitting, sizes: sizes, present: present)
    )
  }
}

/// The rules that rows come under.
public struct RuleMatches: Sendable {
  /// For each row the place of its rule, -1 for none.
  public private(set) var rules: [Int]
  /// For each rule how many rows fit it, whichever they fit first.
  public private(set) var fitting: [Int] = []
  /// Rows that come under no rule although they fit one, for want of consent.
  public private(set) var withoutConsent = 0

  fileprivate init(_ choice: RuleChoice, _ frame: Frame, _ context: EvaluationContext) throws {
    rules = Array(repeating: -1, count: frame.rowCount)
    var fitsAny = [Bool](repeating: false, count: frame.rowCount)
    for (place, rule) in choice.rules.enumerated() {
      let fits = try rule.condition.selection(over: frame, in: context)
      let agreed = try rule.consent.map { try frame.column($0).truths(named: $0) }
      fitting.append(fits.count { $0 })
      for row in fits.indices where fits[row] && rules[row] < 0 {
        fitsAny[row] = true
        if agreed?[row] ?? true { rules[row] = place }
      }
    }
    withoutConsent = rules.indices.count { fitsAny[$0] && rules[$0] < 0 }
  }
}

extension RuleChoice {
  /// Which rule each row of a frame comes under that has the fifths.
  public func matches(in frame: Frame, _ context: EvaluationContext) throws -> RuleMatches {
    try RuleMatches(self, frame, context)
  }
}

extension Column {
  /// True where the value is true, false where it is false or null.
  fileprivate func truths(named name: String) throws -> [Bool] {
    guard case .bool(let values) = values else {
      throw StageFailure(
        "\(name), which says who agreed, is of type \(type.sqlName)",
        help: "this is a mistake in roost")
    }
    return values.indices.map { values[$0] && !isNull($0) }
  }

  /// In which fifth of all values each lies.
  fileprivate func fifths(isLessBetter: Bool) throws -> [Int?] {
    let direction: FifthDirection = isLessBetter ? .lowerIsBetter : .higherIsBetter
    func fifths<Value: Comparable>(_ values: [Value]) -> [Int?] {
      let values = values.indices.map { isNull($0) ? nil : values[$0] }
      return Quintiles(fitting: values, direction: direction).scores(values)
    }
    switch values {
    case .int64(let values): return fifths(values)
    case .int128(let values): return fifths(values)
    case .float64(let values): return fifths(values)
    case .bool, .text, .interval:
      throw StageFailure(
        "a column of type \(type.sqlName) has no fifths", help: "this is a mistake in roost")
    }
  }
}
