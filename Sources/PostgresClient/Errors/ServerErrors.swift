import CLibpq

extension PostgresError {
  /// The error that a result reports.
  /// - Parameters:
  ///   - content: what its message may quote.
  ///   - isLost: whether the connection is broken after it.
  init(
    result: OpaquePointer, content: MessageContent, isLost: Bool, wasCancelled: Bool,
    location: String
  ) {
    func field(_ code: Int32) -> String? {
      PQresultErrorField(result, code).map { String(cString: $0) }
    }
    let state = field(DiagnosticField.sqlState)
    let primary = field(DiagnosticField.message) ?? String(cString: PQresultErrorMessage(result))
    let kind: Kind =
      if isLost {
        .connectionLost
      } else if wasCancelled, state == SQLState.queryCanceled {
        .cancelled
      } else {
        .statement
      }
    let place = field(DiagnosticField.position).flatMap { Int($0) }.map { $0 - 1 }
    let isRaised = field(DiagnosticField.function) == "exec_stmt_raise"
    // What libpq itself says has no state.
    if let state,
      !MessagePrivacy.mayShow(
        primary.trimmingLines, sqlState: state, in: content, pointsAtText: place != nil,
        isRaised: isRaised)
    {
      let place = field(DiagnosticField.context).flatMap(CopyPlace.init(context:))
      self.init(
        kind, MessagePrivacy.substitute(for: state, place: place), sqlState: state,
        hint: MessagePrivacy.hint(for: state), location: location)
    } else {
      // What is wrong with a value of a file is found by its line.
      let place =
        content == .rows && state?.hasPrefix("22") == true
        ? field(DiagnosticField.context).flatMap(CopyPlace.init(context:)) : nil
      self.init(
        kind, primary.trimmingLines + (place.map { " (\($0))" } ?? ""), sqlState: state,
        hint: field(DiagnosticField.hint).flatMap { hint in
          MessagePrivacy.mayShow(hint: hint, in: content, pointsAtText: place != nil) ? hint : nil
        }, location: location)
    }
    detail = field(DiagnosticField.detail)
    position = place
    // RAISE fills them as it likes.
    if isRaised { return }
    schema = field(DiagnosticField.schema)
    table = field(DiagnosticField.table)
    column = field(DiagnosticField.column)
    constraint = field(DiagnosticField.constraint)
  }

  /// The message of a notice that rights were not given or taken; nil of any other, and of one that RAISE
  /// made.
  static func privilegeWarning(_ notice: OpaquePointer) -> String? {
    func field(_ code: Int32) -> String? {
      PQresultErrorField(notice, code).map { String(cString: $0) }
    }
    guard ["01006", "01007"].contains(field(DiagnosticField.sqlState)),
      field(DiagnosticField.function) != "exec_stmt_raise"
    else { return nil }
    return field(DiagnosticField.message)?.trimmingLines
  }

  static func cancelled(location: String) -> PostgresError {
    PostgresError(.cancelled, "cancelled", sqlState: SQLState.queryCanceled, location: location)
  }
}

/// The codes of `PQresultErrorField`: character macros, which Swift does not import as `Int32`.
private enum DiagnosticField {
  static let sqlState = code("C")
  static let message = code("M")
  static let detail = code("D")
  static let hint = code("H")
  static let position = code("P")
  static let context = code("W")
  static let function = code("R")
  static let schema = code("s")
  static let table = code("t")
  static let column = code("c")
  static let constraint = code("n")

  private static func code(_ letter: Unicode.Scalar) -> Int32 { Int32(letter.value) }
}

extension String {
  /// The text without blank lines and blanks around its lines, as one line.
  var trimmingLines: String {
    split(whereSeparator: \.isNewline)
      .map { $0.drop(while: \.isWhitespace) }
      .filter { !$0.isEmpty }
      .joined(separator: "; ")
  }
}
