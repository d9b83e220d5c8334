import Frames
import PipelineFiles
import PostgresClient

/// Names of one published table. In mode snapshot: its rows in `roost_data`, partitioned by as-of and run, and the
/// two views over them. In other modes: the table that stands.
package struct TargetLayout: Sendable {
  /// The table as readers see it, in the run's environment.
  var name: QualifiedName
  let table: TargetTable
  /// The partitioned table that holds the rows of all runs. Once it is there, its recorded name
  /// counts, since another roost may have named it otherwise.
  private(set) var data: QualifiedName

  init(_ table: TargetTable, environment: PublishingEnvironment) {
    name = environment.resolve(table.name)
    self.table = table
    let schema = name.schema ?? ""
    let plain = "\(schema)_\(name.name)"
    // Room for the run and its attempt within the 63 bytes of a name. A cut name gets a digest so that it
    // stays one table's own, and so does one that would not tell a_b.c from a.b_c, or that looks like
    // the rows of a run.
    let looksLikeRows = plain.firstMatch(of: /_[rs][0-9_]+$/) != nil
    let isOwn = plain.utf8.count <= 44 && !schema.contains("_") && !looksLikeRows
    data = QualifiedName(
      schema: "roost_data",
      name: isOwn ? plain : "\(Self.cut(plain, to: 30))_\(Self.digest(name.description))")
  }

  /// The layout of a table that is there.
  func withRows(in data: QualifiedName) -> TargetLayout {
    var layout = self
    layout.data = data
    return layout
  }

  /// As many characters as fit into a number of bytes.
  private static func cut(_ text: String, to bytes: Int) -> String {
    var cut = text
    while cut.utf8.count > bytes { cut.removeLast() }
    return cut
  }

  /// How roost.targets names it.
  var target: String { name.description }
  var history: QualifiedName { name }
  var current: QualifiedName { TargetTable.current(of: name) }

  /// A name for the table into which an attempt at a run loads its rows. What is loaded is found by the name
  /// that was recorded, never by this one.
  /// - Parameter taken: how many names like it are taken.
  func rows(run: Int, attempt: Int, taken: Int = 0) -> QualifiedName {
    let kind = table.mode.isRoosts ? "r" : "s"
    let more = taken == 0 ? "" : "_\(taken)"
    return QualifiedName(
      schema: data.schema, name: "\(data.name)_\(kind)\(run)_\(attempt)\(more)")
  }

  static let ownFields = TargetTable.ownFields

  var fields: [Field] { table.publishedFields }

  /// FNV-1a, in 12 hexadecimal digits.
  private static func digest(_ text: String) -> String {
    let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let digits = String(hash & 0xffff_ffff_ffff, radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }
}
