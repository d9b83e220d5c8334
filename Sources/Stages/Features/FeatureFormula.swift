import Diagnostics
import Expressions
import Frames
import PipelineFiles

/// What a feature is worked out by.
typealias FeatureFormula = Short<Expression, ValueShares>

extension FeatureFormula {
  /// What its columns add to the feature's name.
  var suffixes: [String] {
    switch self {
    case .value: [""]
    case .full(let shares): shares.suffixes.map { "_\($0)" }
    }
  }
}

/// The share of the rows that each of some values has.
struct ValueShares: Record {
  static let about = "The share of the rows that each of some values has, one column for each."
  let of: Expression
  let values: [ValueText]?
  private let most: Bounded<Ranks>?

  init(_ keys: inout Keys) {
    of = keys("share_of", "Whose values have shares; rows where it is null do not count.")
    values = keys(
      "values",
      "The values that get a column, named by them: category_share becomes category_share_shoes_30d."
    )
    most = keys(
      "top",
      "How many of the most frequent values get a column, named by rank: category_share_top1_30d. "
        + "They are chosen once for a run, by the rows that are known before its earliest cutoff.")
  }

  enum Ranks: Limits { static let range = 1...100 }

  /// How many of the most frequent values get a column; nil where they are named.
  var top: Int? { most?.value }

  /// What the columns of the values are called.
  var suffixes: [String] {
    values?.map { Self.plainName(of: $0.text) }
      ?? (0..<(most?.clamped ?? 0)).map { "top\($0 + 1)" }
  }

  /// Lower-case letters and digits, with one `_` for all that stands between them.
  private static func plainName(of value: String) -> String {
    value.lowercased().unicodeScalars.split { scalar in
      !scalar.properties.isAlphabetic && scalar.properties.numericType == nil
    }.map { String($0) }.joined(separator: "_")
  }

  /// Whether nothing is wrong with it that was said without knowing any columns.
  var isSound: Bool {
    let report = Report()
    check(report)
    return report.errorCount == 0
  }

  /// What can be said without knowing any columns.
  func check(_ report: Report) {
    if (values == nil) == (top == nil) {
      report.error(
        .keyCombination, "say either 'values' or 'top'", at: most?.key ?? of.snippet.span,
        help: "values: [shoes, bags], or top: 5 for the most frequent ones")
    }
    most?.check(report, help: "write top: 5")
    if let values, values.isEmpty {
      report.error(
        .wrongValue, "there is no value to get a column", at: most?.key ?? of.snippet.span,
        help: "name at least one, or write top: 5 for the most frequent ones")
    }
    var owners: [String: ValueText] = [:]
    for (value, name) in zip(values ?? [], suffixes) {
      if name.isEmpty {
        report.error(
          .wrongValue, "the value '\(value.text)' has no letter or digit to name a column by",
          at: value.span,
          help: "write its feature out, as in other: share(\(of.snippet.text) = '…')")
      } else if let other = owners.updateValue(value, forKey: name) {
        let isSame = other.text == value.text
        report.error(
          .duplicateColumn,
          isSame
            ? "the value '\(value.text)' stands here twice"
            : "the values '\(other.text)' and '\(value.text)' would both be called '\(name)'",
          at: value.span,
          help: isSame
            ? "remove one of them"
            : "write one of them out, as in other: share(\(of.snippet.text) = '…')")
      }
    }
  }
}
