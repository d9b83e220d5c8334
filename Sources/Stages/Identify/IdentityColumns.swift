import Frames

/// What is said of each account.
enum IdentityColumns {
  static let person = "person_id"
  static let size = "cluster_size"
  static let isGiant = "is_giant"
  static let tiedTo = "tied_to"
  static let tiedBy = "tied_by"

  /// - Parameter account: the column that names the accounts.
  static func fields(_ account: Field) -> [Field] {
    let name = account.name
    return [
      Field(
        person, account.type, isNullable: account.isNullable,
        about: "The person, named by the least \(name) of the cluster."),
      Field(
        size, .int4, isNullable: false,
        about: "How many accounts hang together with this one, itself included."),
      Field(
        isGiant, .bool, isNullable: false,
        about: "Whether these are too many accounts for one person."),
      Field(
        tiedTo, account.type,
        about:
          "The \(name) that shares a value with this one and is nearer to the cluster's least; "
          + "null for that itself."),
      Field(tiedBy, .text, about: "The kinds of value that this account and tied_to share."),
    ]
  }
}

/// The columns of a frame of accounts, worked out from what hangs together.
struct Identities {
  /// The column that names the accounts.
  let accounts: Column
  /// Rows of `accounts` in the order of their names: what row a node is.
  let order: [Int32]
  let shared: SharedValues
  let plan: IdentifyPlan

  /// Whether the component of a root is too large.
  private func isGiant(_ root: Int32) -> Bool { Int(shared.sizes[Int(root)]) > plan.giant }

  /// The node that names the person of a node.
  private func person(_ node: Int32) -> Int32 {
    let root = shared.roots[Int(node)]
    return plan.keepsApart && isGiant(root) ? node : root
  }

  /// How many persons there are.
  var personCount: Int { order.indices.count { person(Int32($0)) == Int32($0) } }

  /// The sizes of the components that are too large.
  var giantSizes: [Int] {
    shared.sizes.indices.filter { isGiant(Int32($0)) }.map { Int(shared.sizes[$0]) }
  }

  /// The columns of `IdentityColumns.fields`, by name.
  func columns() -> [String: Column] {
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
      plan.kinds.indices.filter { masks[Int(row)] >> Int64($0) & 1 == 1 }
        .map { plan.kinds[$0] }.joined(separator: ", ")
    }
    return Column(
      type: .text, values: .text(distinct.groups, TextDictionary(texts)),
      validity: masks.map { $0 != 0 })
  }
}
