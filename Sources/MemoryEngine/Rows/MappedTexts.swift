import Frames

/// A text column whose texts were put through a function, once for each distinct text.
struct MappedTexts: Sendable {
  enum Fate: Sendable { case same, changed, lost }

  let column: Column
  /// What became of the value of each row; a null stays the same.
  let fates: [Fate]

  /// - Parameter transform: what a text becomes; nil where it becomes null.
  init(_ column: Column, _ transform: (String) -> String?) {
    guard case .text(let codes, let dictionary) = column.values else {
      self.column = column
      fates = Array(repeating: .same, count: column.count)
      return
    }
    var builder = TextDictionaryBuilder()
    var newCodes: [Int32] = []
    var fateOfCode: [Fate] = []
    for code in 0..<Int32(dictionary.count) {
      let mapped = transform(dictionary[code])
      newCodes.append(builder.code(of: mapped ?? ""))
      // Bytes, because two texts are equal in Swift where they only look the same.
      let isSame = mapped.map { $0.utf8.elementsEqual(dictionary.utf8(code)) }
      fateOfCode.append(isSame.map { $0 ? .same : .changed } ?? .lost)
    }
    let fates: [Fate] = codes.indices.map {
      column.isNull($0) ? .same : fateOfCode[Int(codes[$0])]
    }
    self.fates = fates
    self.column = Column(
      type: column.type,
      values: .text(
        // The code of a null may be that of no text.
        codes.map { newCodes.indices.contains(Int($0)) ? newCodes[Int($0)] : 0 }, builder.build()),
      validity: codes.indices.map { !column.isNull($0) && fates[$0] != .lost })
  }
}
