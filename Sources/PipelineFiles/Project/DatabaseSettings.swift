import Diagnostics

/// A database of a project: its address, or keys where there is more to say.
public struct DatabaseSettings: Readable {
  public let url: Deferred
  /// How many connections a run may read it over at once; nil for what suits the machine.
  public let maxParallel: Int?
  /// What is done with a standby that lags behind the as-of.
  public let stale: Stale

  public enum Stale: String, Choice { case warn, refuse }

  private struct Full: Record {
    static let about = "A database, and how hard a run may press it."
    let url: Deferred
    let maxParallel: Count?
    let stale: Stale

    init(_ keys: inout Keys) {
      url = keys("url", "Its libpq URL from the environment.")
      maxParallel = keys(
        "max_parallel",
        "How many connections a run reads it over at once; as many as the machine has cores, but 2 "
          + "to 4, when left out.")
      stale = keys(
        "stale",
        "What a run does where the database is a standby that has not replayed what was committed "
          + "before the as-of: warn, or refuse to read it.",
        default: .warn, shown: "warn")
    }
  }

  public static var shape: Shape { .either(Deferred.shape, or: Full.shape) }
  public static var blank: Self { Self(url: .blank, maxParallel: nil, stale: .warn) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .mapping = node.kind {
      return Full.read(node, reader).map {
        Self(url: $0.url, maxParallel: $0.maxParallel?.value, stale: $0.stale)
      }
    }
    return Deferred.read(node, reader).map { Self(url: $0, maxParallel: nil, stale: .warn) }
  }
}
