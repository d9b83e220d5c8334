import Cryptography
import Diagnostics
import Expressions
import Frames
import PipelineFiles

/// Replaces values by their keyed hash: HMAC-SHA256 of the value as text, in 64 hexadecimal digits.
/// Equal values have equal hashes, so they can still be joined and counted.
struct HashOperation: CleanOperation {
  let columns: [String]
  private let key: Secret

  /// Nil where there is no key or a column cannot be hashed, which the report then says.
  init?(_ names: [Name], _ context: PlanContext) {
    guard let setting = context.project.settings.hashKey else {
      context.report.error(
        .keyCombination, "hashing needs the project's 'hash_key'", at: names.first?.span,
        help: "add hash_key: ${ROOST_HASH_KEY} to \(context.project.file.name)")
      return nil
    }
    guard let key = context.require(setting) else { return nil }
    guard !key.isGuessable else {
      context.report.error(
        .guessableKey,
        "the hash key is too easy to guess: who tries telephone numbers with it finds whose hash is whose",
        at: setting.span, help: "make one with: openssl rand -hex 32, and keep it")
      return nil
    }
    columns = names.map(\.text)
    self.key = key
  }

  /// The step, with the shape changed to what comes out of it.
  static func plan(
    _ names: [Name], _ shape: inout RelationShape, _ context: PlanContext
  ) -> HashOperation? {
    let before = context.report.errorCount
    for name in names {
      guard let field = context.field(name, in: shape.schema, of: "the input") else { continue }
      context.refuseChange(of: name, in: shape)
      check(field, at: name, context.report)
    }
    guard context.report.errorCount == before, let operation = HashOperation(names, context) else {
      return nil
    }
    shape.schema = operation.hashed(shape.schema)
    return operation
  }

  /// Reports a column whose values have no one text.
  static func check(_ field: Field, at name: Name, _ report: Report) {
    if field.type.hasCanonicalText { return }
    report.error(
      .wrongType, "'\(field.name)' is of type \(field.type.sqlName) and cannot be hashed",
      at: name.span, help: "hash texts, whole numbers and uuids; cast others to text")
  }

  var reads: Set<String>? {
    Set(columns)
  }
  var isAsOf: Bool { false }
  var label: String { "hash \(columns.joined(separator: ", "))" }
  var assignments: [(column: String, from: Set<String>, by: String)] {
    columns.map { ($0, [$0], "hash(\($0))") }
  }

  /// Tells keys apart without telling the key.
  var fingerprint: String {
    HMAC.sha256(key: Array(key.revealed.utf8), message: Array("roost hash key".utf8)).hexadecimal
  }

  func hashed(_ schema: Schema) -> Schema {
    Schema(
      schema.fields.map { field in
        guard columns.contains(field.name) else { return field }
        var hashed = field
        hashed.type = .text
        hashed.isPersonal = false
        hashed.values = nil
        hashed.labels = nil
        hashed.about = "Keyed hash of \(field.name)."
        return hashed
      })
  }

  func hashed(_ frame: Frame) -> Frame {
    Frame(
      schema: hashed(frame.schema),
      columns: zip(frame.schema.names, frame.columns).map { name, column in
        columns.contains(name) ? hashed(column) : column
      }, rowCount: frame.rowCount)
  }

  func apply(to frame: Frame, in context: EvaluationContext) throws -> CleanOutcome {
    let values = columns.compactMap { frame[$0] }
    let changed = (0..<frame.rowCount).count { row in values.contains { !$0.isNull(row) } }
    return CleanOutcome(frame: hashed(frame), changed: changed)
  }

  private func hashed(_ column: Column) -> Column {
    let secret = Array(key.revealed.utf8)
    func hash(_ text: String) -> String {
      HMAC.sha256(key: secret, message: Array(text.utf8)).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
    }
    guard case .text(let codes, let dictionary) = column.values else {
      let texts = column.keyTexts
      return Column(texts: texts.indices.map { column.isNull($0) ? nil : hash(texts[$0]) })
    }
    // Once for each distinct text.
    let hashes = (0..<Int32(dictionary.count)).map { hash(dictionary[$0]) }
    return Column(
      type: .text, values: .text(codes, TextDictionary(hashes)), validity: column.validity)
  }
}
