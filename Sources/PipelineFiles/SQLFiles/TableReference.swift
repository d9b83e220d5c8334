import Diagnostics
import PostgresFacts

/// Where a statement names a table.
public struct TableReference: Sendable, Hashable {
  public let name: QualifiedName
  /// UTF-8 offsets in the statement.
  public let range: Range<Int>
}

/// A table whose rows a statement changes.
package struct TableTarget: Hashable {
  package enum Change: String { case insert, update, delete, merge }

  package let change: Change
  package let reference: TableReference
}

extension ScriptStatement {
  /// Every name with a schema that may be a table's. A column behind the name of its table is among
  /// them; whoever uses them knows the tables that are meant.
  public var references: [TableReference] {
    tokens.indices.compactMap { place in
      guard place == 0 || !tokens[place - 1].isSymbol("."), let found = reference(at: place),
        found.name.schema != nil
      else { return nil }
      return found
    }
  }

  /// Where a table stands that Postgres names last in a message without a position.
  public func span(ofTableIn error: PostgresError) -> SourceSpan? {
    let name = error.message.split(separator: " ").last.map(String.init)
    return references.first { $0.name.name == name }.map { snippet.span(of: $0.range) }
  }

  /// The tables whose rows it changes, in queries that it names too.
  package var targets: [TableTarget] {
    tokens.indices.compactMap { place in
      guard let word = word(place), let change = TableTarget.Change(rawValue: word) else {
        return nil
      }
      var next = place + 1
      switch change {
      case .insert, .merge: guard self.word(next) == "into" else { return nil }
      case .delete: guard self.word(next) == "from" else { return nil }
      case .update:
        // FOR UPDATE, DO UPDATE SET and the like name no table.
        if place > 0, ["for", "key", "do", "then", "on"].contains(self.word(place - 1)) {
          return nil
        }
        next -= 1
      }
      next += self.word(next + 1) == "only" ? 2 : 1
      return reference(at: next).map { TableTarget(change: change, reference: $0) }
    }
  }

  /// Whether it locks rows that it reads, as SELECT … FOR UPDATE does.
  package var locksRows: Bool { rowLock != nil }

  /// A name, with its schema where it has one.
  func reference(at place: Int) -> TableReference? {
    guard let first = name(place) else { return nil }
    let start = tokens[place].range.lowerBound
    guard tokens.indices.contains(place + 1), tokens[place + 1].isSymbol("."),
      let second = name(place + 2)
    else {
      return TableReference(name: QualifiedName(name: first), range: tokens[place].range)
    }
    return TableReference(
      name: QualifiedName(schema: first, name: second),
      range: start..<tokens[place + 2].range.upperBound)
  }

  /// A name as Postgres takes it: small, unless it stands in quotes.
  private func name(_ place: Int) -> String? {
    guard tokens.indices.contains(place) else { return nil }
    let token = tokens[place]
    switch token.kind {
    case .word: return Self.folded(text(of: token))
    case .quotedName:
      return String(text(of: token).dropFirst().dropLast()).replacing("\"\"", with: "\"")
    case .text, .symbol, .placeholder: return nil
    }
  }

  private static func folded(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map {
          ("A"..."Z").contains($0) ? Unicode.Scalar(UInt8($0.value) | 0x20) : $0
        }))
  }

  /// The tables whose rows it changes.
  public var changedTables: [TableReference] { targets.map(\.reference) }

  /// The statement with other names for some tables.
  package func renaming(_ names: [QualifiedName: String]) -> Snippet {
    replacing(
      references.compactMap { reference in names[reference.name].map { (reference.range, $0) } })
  }

  /// The statement with other texts for parts of it, which still know their places.
  func replacing(_ parts: [(range: Range<Int>, text: String)]) -> Snippet {
    let bytes = Array(text.utf8)
    var made: [UInt8] = []
    var offsets: [Int] = []
    var start = 0
    func place(_ offset: Int) -> Int { snippet.span(of: offset..<offset).range.lowerBound }
    for (range, text) in parts {
      made += bytes[start..<range.lowerBound]
      offsets += (start..<range.lowerBound).map(place)
      made += Array(text.utf8)
      offsets += Array(repeating: place(range.lowerBound), count: text.utf8.count)
      start = range.upperBound
    }
    made += bytes[start...]
    offsets += (start..<bytes.count).map(place)
    return Snippet(
      String(decoding: made, as: UTF8.self), span: snippet.span,
      offsets: offsets + [snippet.span.range.upperBound])
  }
}

extension Snippet {
  /// The place of an error that Postgres found at a character of the text: the name that begins there.
  public func span(ofErrorAt position: Int) -> SourceSpan {
    // Postgres counts characters; the snippet counts bytes.
    let start = text.unicodeScalars.prefix(position).reduce(0) { $0 + UTF8.width($1) }
    let length = text.utf8.dropFirst(start).prefix {
      $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "\"")
        || Unicode.Scalar($0).properties.isAlphabetic || (0x30...0x39).contains($0)
    }.count
    return span(of: start..<(start + max(1, length)))
  }
}
