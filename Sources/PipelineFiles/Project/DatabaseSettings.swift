import Diagnostics

/// A database of a project: its address, or keys where there is more to say.
public struct DatabaseSettings: ReadAs {
  public let url: Deferred
  /// How many connections a run may read it over at once; nil for what suits the machine.
  public let maxParallel: Int?
  /// What is done with a standby that lags behind the as-of.
  public let stale: Stale

  public enum Stale: String, Choice { case warn, refuse }

  public struct Full: Record {
    public static let about = "A database, and how hard a run may press it."
    let url: Deferred
    let maxParallel: Count?
    let stale: Stale

    public init(_ keys: inout Keys) {
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

  public init(_ written: Short<Deferred, Full>) {
    switch written {
    case .value(let url): (self.url, maxParallel, stale) = (url, nil, .warn)
    case .full(let full):
      (url, maxParallel, stale) = (full.url, full.maxParallel?.value, full.stale)
    }
  }
}
