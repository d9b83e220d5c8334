import Frames
import Relations

extension Suppression {
  /// Who of some entities is left alone.
  public struct Outcome: Sendable {
    /// For each entity whether it is.
    public let isSuppressed: [Bool]
    /// How many of the rows name one of the entities.
    public let finds: KeyFinds
  }

  /// Who is left alone by rows before the as-of. A null is read as the latest of all instants.
  /// - Parameters:
  ///   - rows: of its stage.
  ///   - isUndated: whether these are the rows that no as-of sees.
  ///   - stage: whose the entities are.
  public func outcome(
    _ rows: Frame, isUndated: Bool, of entities: Column, in stage: String, _ facts: RunFacts
  ) throws -> Outcome {
    let key = try rows.column(entityColumn)
    guard let times = try rows.column(time).instants(in: facts.zone) else {
      throw StageFailure("\(time) of stage \(self.stage) is no time")
    }
    let start = start(before: facts.asOf, in: facts.zone)
    let recent = times.indices.filter { times[$0] >= start.microseconds }.map { Int32($0) }
    let recentKey = key.taking(recent)
    var finds = KeyFinds(
      self.stage, [recentKey], in: stage, [entities], by: [entityColumn])
    finds.which = isUndated ? "without \(time)" : "since \(start.shortText(in: facts.zone))"
    let match = KeyMatch(of: [entities], in: [recentKey])
    return Outcome(isSuppressed: match.rows.map { $0 >= 0 }, finds: finds)
  }
}
