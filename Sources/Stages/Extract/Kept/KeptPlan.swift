import Cryptography
import FrameFiles
import Frames
import PipelineFiles

/// What is kept from run to run of an extract whose rows never change once they are there.
struct KeptPlan: Sendable {
  let watermark: Watermark
  /// The column whose greatest value is compared with the source, range by range.
  let compared: String
  /// Whether the rows hold personal data as they are kept, and must be encrypted.
  let isPersonal: Bool
  let entityColumns: [String]
  /// Everything that decides what the rows are: rows that were kept under another definition are not
  /// these.
  let definition: [String]
  /// What the rows are, for people: `shop: shop.events`.
  let about: String

  /// The folder of these rows.
  /// - Throws: `CryptographyError`.
  func folder(in state: StateFolder, connection: String) throws -> String {
    let parts =
      ["roost kept rows 1", state.project, state.locations[connection] ?? "", connection]
      + definition
    let digest = try Digest.sha256(Digest.message(of: parts)).prefix(16)
    return "\(state.extracts)/\(Array(digest).hexadecimal)"
  }

  /// The key under which the rows are kept; nil for rows that are not encrypted.
  /// - Throws: `KeyTrouble` where one is needed and there is none.
  func key(in state: StateFolder) throws(KeyTrouble) -> FrameKey? {
    guard isPersonal else { return nil }
    guard let text = state.key else { throw .missing }
    guard let key = FrameKey(parsing: text.revealed) else { throw .unreadable }
    return key
  }

  enum KeyTrouble: Error {
    case missing, unreadable

    var message: String {
      switch self {
      case .missing: "\(StateFolder.keyVariable) is not set"
      case .unreadable: "\(StateFolder.keyVariable) is no key of 32 bytes"
      }
    }

    static let help =
      "make a key with: openssl rand -hex 32, and set \(StateFolder.keyVariable) to it"
  }

  /// What a run would take from what is kept.
  func reuse(of state: StateFolder, connection: String) -> [String] {
    do {
      _ = try key(in: state)
      let path = try folder(in: state, connection: connection)
      guard let manifest = try KeptManifest.read(KeptFolder.manifest(in: path)),
        let settled = manifest.settled
      else {
        return ["nothing is kept yet: read all rows, and keep them in \(path)"]
      }
      let due = KeptRanges.due(manifest.ranges, all: state.verifies)
      return [
        "use \(manifest.rows) rows kept in \(path)",
        "read anew what has \(watermark.column) from \(watermark.text(settled)) on",
        "prove \(due.count) of \(manifest.ranges.count) kept ranges by reading them again, and count "
          + "the rows of all",
      ]
    } catch let trouble as KeyTrouble {
      return ["read all rows and keep none, because \(trouble.message)"]
    } catch {
      return ["read all rows, because what is kept cannot be used: \(error)"]
    }
  }
}
