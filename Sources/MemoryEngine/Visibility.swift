import Frames
import Relations

/// From when until when each row of a relation can be seen.
public struct Visibility: Sendable {
  /// For each row the later of the instants at which it happened and became known, in microseconds;
  /// nil for a relation without time.
  public let known: [Int64]?
  /// For each row the instant until which it is valid, exclusive; nil where rows stay valid.
  public let ends: [Int64]?

  public static let always = Visibility(known: nil, ends: nil)

  /// Which rows are seen by an as-of; nil for all. A row is valid just before the as-of.
  public func mask(asOf: Instant) -> [Bool]? {
    let instant = asOf.microseconds
    guard let known else { return nil }
    if let ends { return known.indices.map { known[$0] < instant && ends[$0] >= instant } }
    return known.contains { $0 >= instant } ? known.map { $0 < instant } : nil
  }

  /// For the rows that were known before an instant, valid or not any more, when they are seen.
  /// Nil where all were.
  func knownBefore(_ asOf: Instant) -> (mask: [Bool], visibility: Visibility)? {
    let instant = asOf.microseconds
    guard let known, known.contains(where: { $0 >= instant }) else { return nil }
    let mask = known.map { $0 < instant }
    func kept(_ values: [Int64]) -> [Int64] {
      zip(values, mask).compactMap { $1 ? $0 : nil }
    }
    return (mask, Visibility(known: kept(known), ends: ends.map(kept)))
  }
}

extension RelationShape {
  /// When the rows of a frame of this shape can be seen.
  /// - Throws: `StageFailure` where the frame lacks a time: without it all rows would be seen at once.
  public func visibility(of frame: Frame, zone: CalendarZone) throws -> Visibility {
    guard let time else { return .always }
    var known = try frame.instants(time, in: zone)
    if let arrived {
      known = zip(known, try frame.instants(arrived, in: zone)).map { max($0, $1) }
    }
    // A null is read as the end of time, which for the end of validity is what it means.
    return Visibility(known: known, ends: try validTo.map { try frame.instants($0, in: zone) })
  }
}

extension Frame {
  /// The instants of a column of times that a plan counts on; nulls are the end of time.
  public func instants(_ name: String, in zone: CalendarZone) throws -> [Int64] {
    let column = try column(name)
    guard let instants = column.instants(in: zone) else {
      throw StageFailure.wrongColumn(name, "a time", found: column.type)
    }
    return instants
  }
}
