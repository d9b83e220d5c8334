import PipelineTests

/// How a test went, as lines for a person.
enum TestText {
  static func lines(_ outcome: TestOutcome) -> [String] {
    guard !outcome.isPassed else { return ["passed  \(outcome.name)"] }
    return ["FAILED  \(outcome.name) (\(outcome.file))"]
      + outcome.failures.flatMap(lines).map { $0.isEmpty ? $0 : "  \($0)" }
  }

  private static func lines(_ failure: TestOutcome.Failure) -> [String] {
    switch failure {
    case .stage(let stage, let message): return ["stage \(stage) failed: \(message)"]
    case .count(let stage, let expected, let found):
      return ["\(stage): expected \(rows(expected)), found \(found)"]
    case .rows(let stage, let difference):
      let shown = shownColumns(of: difference)
      var table = TextTable([("", .left)] + shown.map { (difference.columns[$0], .left) })
      table.rows = difference.rows.map { row in
        [mark(row.change)] + shown.map { cell(row.cells[$0]) }
      }
      let rest = difference.count - difference.rows.count
      return [
        "\(stage): \(summary(difference))", "  expected → found; - missing, + not expected",
      ] + table.lines.map { "  \($0)" } + (rest > 0 ? ["  … and \(rows(rest)) more"] : [])
    }
  }

  /// How many rows differ, and in which way.
  private static func summary(_ difference: RowDifference) -> String {
    let of =
      " of \(difference.expectedCount) expected \(difference.expectedCount == 1 ? "row" : "rows")"
    let (changed, missing) = (difference.changedCount, difference.missingCount)
    var parts: [String] = []
    if changed > 0 { parts.append("\(changed)\(of) \(changed == 1 ? "differs" : "differ")") }
    if missing > 0 {
      parts.append("\(missing)\(changed == 0 ? of : "") \(missing == 1 ? "is" : "are") missing")
    }
    let superfluous = difference.unexpectedCount
    if superfluous > 0 {
      parts.append("\(rows(superfluous)) \(superfluous == 1 ? "was" : "were") not expected")
    }
    return parts.joined(separator: ", ")
  }

  /// All columns; where rows differ in some of them only, those and the key.
  private static func shownColumns(of difference: RowDifference) -> [Int] {
    let places = Array(difference.columns.indices)
    guard difference.rows.allSatisfy({ $0.change == .changed }) else { return places }
    return places.filter { place in
      difference.keys.contains(difference.columns[place])
        || difference.rows.contains { !$0.cells[place].isEqual }
    }
  }

  private static func mark(_ change: RowDifference.Change) -> String {
    switch change {
    case .missing: "-"
    case .unexpected: "+"
    case .changed: "~"
    }
  }

  private static func cell(_ cell: RowDifference.Cell) -> String {
    cell.isEqual ? text(cell.found) : "\(text(cell.expected)) → \(text(cell.found))"
  }

  private static func text(_ value: String?) -> String {
    guard let value else { return "null" }
    return value.isEmpty ? "''" : value.replacing("\n", with: "⏎")
  }

  private static func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
}
