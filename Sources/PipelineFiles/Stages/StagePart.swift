import Threads

/// What a part of a stage took, where a stage does several things.
public struct StagePart: Sendable {
  public struct Start: Sendable {
    fileprivate let instant = ContinuousClock.now
    fileprivate let processorSeconds = ProcessUse.processorSeconds

    public init() {}
  }

  public let name: String
  public let seconds: Double
  /// Of the whole process while the part was under way.
  public let processorSeconds: Double

  public init(_ name: String, since start: Start) {
    self.name = name
    seconds = (ContinuousClock.now - start.instant) / .seconds(1)
    processorSeconds = ProcessUse.processorSeconds - start.processorSeconds
  }
}
