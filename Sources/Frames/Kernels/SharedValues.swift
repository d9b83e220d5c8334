/// Which nodes hang together because they share values, directly or through others: the connected
/// components of a graph of nodes and values, by breadth-first search from each component's least node.
/// Linear in the links, but for ordering each level of the search. Depends on the links as a set alone.
public struct SharedValues: Sendable {
  /// Each kind has a bit.
  public static let maximumKinds = UInt64.bitWidth

  /// Nodes that have values, link by link. A link may stand there more than once.
  public struct Links: Sendable {
    public let nodes: [Int32]
    /// As many: values of all kinds, numbered one kind after the other.
    public let values: [Int32]
    /// The first value of each kind, and at the end the number of all values.
    public let kindStarts: [Int32]

    public init(nodes: [Int32], values: [Int32], kindStarts: [Int32]) {
      precondition(nodes.count == values.count)
      precondition((0...SharedValues.maximumKinds).contains(kindStarts.count - 1))
      self.nodes = nodes
      self.values = values
      self.kindStarts = kindStarts
    }

    var kindCount: Int { kindStarts.count - 1 }
    var valueCount: Int { Int(kindStarts[kindCount]) }
  }

  /// For each node the least node of its component.
  public private(set) var roots: [Int32]
  /// For each node the one that it hangs on: of those that share a value with it and lie one step
  /// nearer to the root, the least; -1 for a root.
  public private(set) var parents: [Int32]
  /// For each node the kinds of value that it shares with its parent, as bits.
  public private(set) var kinds: [UInt64]
  /// For each root the number of nodes in its component; 0 for other nodes.
  public private(set) var sizes: [Int32]
  /// For each kind the number of values that were left out because too many nodes share them.
  public let ignored: [Int]

  /// - Parameter limit: values that more nodes share than this tie nobody together; nil for no limit.
  public init(_ links: Links, nodeCount: Int, limit: Int?) {
    let members = ValueMembers(links, nodeCount: nodeCount, limit: limit)
    ignored = members.ignored
    roots = Array(0..<Int32(nodeCount))
    parents = Array(repeating: -1, count: nodeCount)
    kinds = Array(repeating: 0, count: nodeCount)
    sizes = Array(repeating: 0, count: nodeCount)
    search(members, members.valuesOfNodes(nodeCount))
  }

  private mutating func search(_ members: ValueMembers, _ values: Lists) {
    let nodeCount = roots.count
    var isValueSeen = [Bool](repeating: false, count: members.lists.count)
    // A node of which the parent is not known is its own root so far.
    var isSeen = [Bool](repeating: false, count: nodeCount)
    var queue = [Int32](repeating: 0, count: nodeCount)
    queue.withUnsafeMutableBufferPointer { queue in
      for root in 0..<Int32(nodeCount) where !isSeen[Int(root)] {
        isSeen[Int(root)] = true
        queue[0] = root
        var level = 0..<1
        while !level.isEmpty {
          var end = level.upperBound
          for place in level {
            let node = queue[place]
            for value in values.range(Int(node)) {
              let value = Int(values.items[value])
              if isValueSeen[value] { continue }
              isValueSeen[value] = true
              for member in members.lists.range(value) {
                let member = members.lists.items[member]
                if !isSeen[Int(member)] {
                  isSeen[Int(member)] = true
                  roots[Int(member)] = root
                  parents[Int(member)] = node
                  queue[end] = member
                  end += 1
                }
                if parents[Int(member)] == node { kinds[Int(member)] |= members.kinds[value] }
              }
            }
          }
          level = level.upperBound..<end
          // The least parent is found first, and the least node is asked first.
          var next = UnsafeMutableBufferPointer(rebasing: queue[level])
          next.sort()
        }
        sizes[Int(root)] = Int32(level.upperBound)
      }
    }
  }
}

/// Lists of integers, one after the other.
private struct Lists {
  var starts: [Int32]
  var items: [Int32]
  var count: Int { starts.count - 1 }

  func range(_ list: Int) -> Range<Int> { Int(starts[list])..<Int(starts[list + 1]) }

  /// Puts each item into its list, in the order in which they come.
  init(_ items: [Int32], into lists: [Int32], count: Int) {
    var starts = [Int32](repeating: 0, count: count + 1)
    var sorted = [Int32](repeating: 0, count: items.count)
    starts.withUnsafeMutableBufferPointer { starts in
      for list in lists { starts[Int(list) + 1] &+= 1 }
      for list in 0..<count { starts[list + 1] &+= starts[list] }
      var next = Array(starts)
      next.withUnsafeMutableBufferPointer { next in
        sorted.withUnsafeMutableBufferPointer { sorted in
          for (place, list) in lists.enumerated() {
            sorted[Int(next[Int(list)])] = items[place]
            next[Int(list)] &+= 1
          }
        }
      }
    }
    self.starts = starts
    self.items = sorted
  }

  init() {
    starts = [0]
    items = []
  }

  /// For each item the lists that it stands in, ascending.
  func inverted(itemCount: Int) -> Lists {
    var owners = [Int32](repeating: 0, count: items.count)
    owners.withUnsafeMutableBufferPointer { owners in
      for list in 0..<count { for place in range(list) { owners[place] = Int32(list) } }
    }
    return Lists(owners, into: items, count: itemCount)
  }
}

/// The values that tie nodes together, with the nodes that have each.
private struct ValueMembers {
  /// For each value its nodes, ascending and each once.
  var lists = Lists()
  /// The kind of each value, as a bit.
  var kinds: [UInt64] = []
  private(set) var ignored: [Int]

  init(_ links: SharedValues.Links, nodeCount: Int, limit: Int?) {
    ignored = Array(repeating: 0, count: links.kindCount)
    // Twice inverted, the members of each value ascend.
    let sorted = Lists(links.values, into: links.nodes, count: nodeCount)
      .inverted(itemCount: links.valueCount)
    lists.items.reserveCapacity(sorted.items.count)
    for kind in 0..<links.kindCount {
      for value in Int(links.kindStarts[kind])..<Int(links.kindStarts[kind + 1]) {
        let start = lists.items.count
        for place in sorted.range(value)
        where lists.items.count == start
          || lists.items[lists.items.count - 1] != sorted.items[place]
        {
          lists.items.append(sorted.items[place])
        }
        let size = lists.items.count - start
        let isShared = limit.map { size <= $0 } ?? true
        if !isShared { ignored[kind] += 1 }
        if size > 1, isShared {
          lists.starts.append(Int32(lists.items.count))
          kinds.append(1 << UInt64(kind))
        } else {
          lists.items.removeLast(size)
        }
      }
    }
  }

  func valuesOfNodes(_ nodeCount: Int) -> Lists { lists.inverted(itemCount: nodeCount) }
}
