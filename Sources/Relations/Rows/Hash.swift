import Frames

/// The key by which values are hashed. It is never printed, described or mirrored.
public struct HashKey: Sendable, CustomStringConvertible, CustomReflectable {
  /// The key's bytes; for engines alone.
  public let bytes: [UInt8]
  /// Tells keys apart without telling the key.
  public let fingerprint: String

  public init(bytes: [UInt8], fingerprint: String) {
    self.bytes = bytes
    self.fingerprint = fingerprint
  }

  public var description: String { "hash key" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension RowStep {
  /// Replaces values by their keyed hash: HMAC-SHA256 (RFC 2104) of the value as text, in 64 lower-case
  /// hexadecimal digits. Equal values have equal hashes, so they can still be joined and counted.
  public struct Hash: RowStepMeaning {
    /// What comes out.
    public let fields: [Field]
    public let key: HashKey

    /// - Parameter fields: those of the columns as they were.
    public init(_ fields: [Field], key: HashKey) {
      self.fields = fields.map { field in
        var hashed = field
        hashed.type = .text
        hashed.isPersonal = false
        hashed.values = nil
        hashed.labels = nil
        hashed.about = "Keyed hash of \(field.name)."
        return hashed
      }
      self.key = key
    }

    private init(hashed fields: [Field], key: HashKey) {
      self.fields = fields
      self.key = key
    }

    public var columns: [String] { fields.map(\.name) }

    /// The step over a schema's columns alone; nil where it has none of them.
    public func narrowed(to schema: Schema) -> Hash? {
      let left = fields.filter { schema[$0.name] != nil }
      return left.isEmpty ? nil : Hash(hashed: left, key: key)
    }

    /// A schema with its columns as they come out.
    public func hashed(_ schema: Schema) -> Schema {
      fields.reduce(into: schema) { if $0[$1.name] != nil { $0.set($1) } }
    }
    public var label: String { "hash \(columns.joined(separator: ", "))" }
    public var scope: StepScope { .row }
    public var assignments: [Assignment] {
      columns.map { Assignment($0, from: [$0], by: "hash(\($0))") }
    }
    public var reads: Set<String>? { Set(columns) }
    public var deciding: Set<String> { [] }
    public var rejects: Bool { false }
  }
}
