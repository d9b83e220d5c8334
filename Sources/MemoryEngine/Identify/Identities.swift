import Frames
import Relations

/// The columns of a frame of accounts, worked out from what hangs together.
struct Identities {
  /// The column that names the accounts.
  let accounts: Column
  /// Rows of `accounts` in the order of their names: what row a node is.
  let order: [Int32]
  let shared: SharedValues
  let identify: Identify

  /// Whether the component of a root is too large.
  private func isGiant(_ root: Int32) -> Bool { Int(shared.sizes[Int(root)]) > identify.giant }

  /// The node that names the person of a node.
  private func person(_ node: Int32) -> Int32 {
    let root = shared.roots[Int(node)]
    return identify.keepsApart && isGiant(root) ? node : root
  }

  /// How many persons there are.
  var personCount: Int { order.indices.count { person(Int32($0)) == Int32($0) } }

  /// The sizes of the components that are too large.
  var giantSizes: [Int] {
    shared.sizes.indices.filter { isGiant(Int32($0)) }.map { Int(shared.sizes[$0]) }
  }

  /// The accounts of a frame as a schema has them, with what is said of each.
  func frame(_ rows: Frame, _ schema: Schema) throws -> Frame {
    let made = columns()
    return Frame(
      schema: schema, columns: try schema.names.map { try made[$0] ?? rows.column($0) },
      rowCount: rows.rowCount)
  }

  private func columns() -> [String: Column] {
    var nodes = [Int32](repeating: 0, count: order.count)
    for (node, row) in order.enumerated() { nodes[Int(row)] = Int32(node) }
    let roots = nodes.map { shared.roots[Int($0)] }
    let parents = nodes.map { node -> Int32 in
      let parent = shared.parents[Int(node)]
      return parent < 0 ? -1 : order[Int(parent)]
    }
    return [
      IdentityColumns.person: accounts.taking(nodes.map { order[Int(person($0))] }),
      IdentityColumns.size: Column(
        type: .int4, values: .int64(roots.map { Int64(shared.sizes[Int($0)]) })),
      IdentityColumns.isGiant: Column(type: .bool, values: .bool(roots.map(isGiant))),
      IdentityColumns.tiedTo: accounts.taking(parents),
      IdentityColumns.tiedBy: tiedBy(nodes),
    ]
  }

  /// Few combinations of kinds occur, so that each is written once.
  private func tiedBy(_ nodes: [Int32]) -> Column {
    let masks = nodes.map { Int64(bitPattern: shared.kinds[Int($0)]) }
    let distinct = Grouping(by: [Column(type: .int8, values: .int64(masks))], rowCount: masks.count)
    let texts = distinct.firstRows.map { row in
      identify.kinds.indices.filter { masks[Int(row)] >> Int64($0) & 1 == 1 }
        .map { identify.kinds[$0] }.joined(separator: ", ")
    }
    return Column(
      type: .text, values: .text(distinct.groups, TextDictionary(texts)),
      validity: masks.map { $0 != 0 })
  }
}
