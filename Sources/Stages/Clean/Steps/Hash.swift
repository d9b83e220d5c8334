import Cryptography
import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Replaces values by their keyed hash.
struct Hash: CleanStepKind, ReadAs {
  static let name = "hash"
  static let about =
    "Columns that are replaced by their keyed hash, and are not personal any more."
  private let columns: OneOrMany<ColumnName>

  init(_ written: OneOrMany<ColumnName>) { columns = written }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    Self.plan(columns.values, shape, context)
  }

  /// The step; nil where there is no key or a column cannot be hashed, which the report then says.
  static func plan(
    _ names: [ColumnName], _ shape: RelationShape, _ context: PlanContext
  ) -> RowStep? {
    let before = context.report.errorCount
    var fields: [Field] = []
    for name in names {
      guard let field = context.field(name, in: shape.schema, of: "the input") else { continue }
      context.refuseChange(of: name, in: shape)
      check(field, at: name, context.report)
      fields.append(field)
    }
    guard context.report.errorCount == before, fields.count == names.count,
      let key = key(at: names.first?.span, context)
    else { return nil }
    return .hash(.init(fields, key: key))
  }

  /// The project's key; nil where there is none that will do, which the report then says.
  static func key(at place: SourceSpan?, _ context: PlanContext) -> HashKey? {
    guard let setting = context.project.settings.hashKey else {
      context.report.error(
        .keyCombination, "hashing needs the project's 'hash_key'", at: place,
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
    let bytes = Array(key.revealed.utf8)
    return HashKey(
      bytes: bytes,
      fingerprint: HMAC.sha256(key: bytes, message: Array("roost hash key".utf8)).hexadecimal)
  }

  /// Reports a column whose values have no one text.
  static func check(_ field: Field, at name: ColumnName, _ report: Report) {
    if field.type.hasCanonicalText { return }
    report.error(
      .wrongType, "'\(field.name)' is of type \(field.type.sqlName) and cannot be hashed",
      at: name.span, help: "hash texts, whole numbers and uuids; cast others to text")
  }
}
