import Cryptography
import Expressions
import Frames
import Relations

extension RowStep.Hash: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    let values = try columns.map(frame.column)
    let changed = (0..<frame.rowCount).count { row in values.contains { !$0.isNull(row) } }
    return RowOutcome(frame: try hashed(frame), changed: changed)
  }

  /// The frame with its columns hashed.
  /// - Throws: `StageFailure` where it lacks one.
  public func hashed(_ frame: Frame) throws -> Frame {
    try fields.reduce(frame) { $0.setting($1, to: hashed(try frame.column($1.name))) }
  }

  private func hashed(_ column: Column) -> Column {
    let secret = key.bytes
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
