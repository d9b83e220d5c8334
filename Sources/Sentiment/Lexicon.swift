/// Words and what they do to the mood of a text, as a trie over the bytes of their UTF-8.
struct Lexicon: Sendable {
  /// What a word does.
  enum Role: Sendable, Equatable {
    /// How content its author is: from -3 to 3.
    case mood(Double)
    /// Turns the words after it round: not, 没有.
    case negation
    /// Makes the mood after it stronger, or weaker below 1: very, 有点.
    case degree(Double)
    /// What follows counts for more than what came before: but, 但是.
    case contrast
    /// Ends what a negation or a degree is said of: a full stop.
    case stop
    /// Means nothing of what its parts would: 好像, no doubt.
    case nothing
  }

  private var roles: [Role?] = [nil]
  /// The edges of each node: where they begin in `bytes` and `targets`, and the end of the last.
  private var edges: [Int32] = []
  private var bytes: [UInt8] = []
  private var targets: [Int32] = []
  /// Of a node with many edges, where its 256 targets begin in `tables`; -1 for any other.
  private var tableStarts: [Int32] = []
  /// Targets by byte; -1 where there is no edge.
  private var tables: [Int32] = []

  /// From how many edges on a table is faster than a search.
  private static let manyEdges = 5

  /// - Parameter words: in lower case; of two equal ones the later holds.
  init(_ words: [(word: String, role: Role)]) {
    var children: [[(byte: UInt8, node: Int32)]] = [[]]
    for (word, role) in words {
      var node = 0
      for byte in word.utf8 {
        if let next = children[node].first(where: { $0.byte == byte }) {
          node = Int(next.node)
        } else {
          children[node].append((byte, Int32(children.count)))
          node = children.count
          children.append([])
          roles.append(nil)
        }
      }
      roles[node] = role
    }
    for list in children {
      edges.append(Int32(bytes.count))
      for (byte, target) in list.sorted(by: { $0.byte < $1.byte }) {
        bytes.append(byte)
        targets.append(target)
      }
      guard list.count >= Self.manyEdges else {
        tableStarts.append(-1)
        continue
      }
      tableStarts.append(Int32(tables.count))
      var table = [Int32](repeating: -1, count: 256)
      for (byte, target) in list { table[Int(byte)] = target }
      tables += table
    }
    edges.append(Int32(bytes.count))
  }

  /// The longest word that begins at a place of a text; nil for none. A word that ends in a Latin
  /// letter or a digit ends where no other follows.
  func match(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> (role: Role, end: Int)? {
    var node = 0
    var found: (role: Role, end: Int)?
    var place = start
    while place < text.count {
      let byte = text[place].lowercased
      let next = target(of: node, byte)
      guard next >= 0 else { break }
      node = Int(next)
      place += 1
      if let role = roles[node],
        !byte.isWordCharacter || place == text.count || !text[place].isWordCharacter
      {
        found = (role, place)
      }
    }
    return found
  }

  /// The node that a byte leads to; -1 for none.
  @inline(__always)
  private func target(of node: Int, _ byte: UInt8) -> Int32 {
    let table = tableStarts[node]
    if table >= 0 { return tables[Int(table) + Int(byte)] }
    for edge in Int(edges[node])..<Int(edges[node + 1]) where bytes[edge] == byte {
      return targets[edge]
    }
    return -1
  }
}

extension UInt8 {
  /// In lower case where it is an ASCII letter.
  var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self + 0x20 : self }

  /// An ASCII letter or digit.
  var isWordCharacter: Bool {
    (0x61...0x7a).contains(lowercased) || (0x30...0x39).contains(self)
  }

  /// Whether a character goes on with it.
  var isContinuation: Bool { self & 0xc0 == 0x80 }
}
