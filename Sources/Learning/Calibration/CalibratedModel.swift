import Foundation

/// Everything that scoring needs: trees, the calibration of their margins, and the causes that
/// explanations are reported in.
public struct CalibratedModel: Sendable, Hashable {
  public let trees: TrainedTrees
  public let calibration: PlattScaling
  public let causes: CauseGroups
  /// What its maker wants to know of it again, in a form of the maker's own.
  public let facts: String?

  /// - Throws: `LearningError.featuresDiffer` if the causes are of other features than the trees.
  public init(
    trees: TrainedTrees, calibration: PlattScaling, causes: CauseGroups, facts: String? = nil
  ) throws {
    try checkFeatures(causes.featureNames, equal: trees.featureNames)
    self.trees = trees
    self.calibration = calibration
    self.causes = causes
    self.facts = facts
  }

  /// The calibrated probability of each row. Order rows by margins instead where ties matter.
  /// - Throws: as `TrainedTrees.margins`.
  public func probabilities(_ features: FeatureMatrix) async throws -> [Double] {
    calibration.probabilities(margins: try await trees.margins(features))
  }

  /// The strongest causes of each row's risk.
  /// - Parameter onProgress: called on the computing thread with the rows done and all rows.
  /// - Throws: as `TrainedTrees.contributions`.
  public func explain(
    _ features: FeatureMatrix, top count: Int,
    onProgress: (@Sendable (_ done: Int, _ all: Int) -> Void)? = nil
  ) async throws -> CauseRanking {
    try causes.ranked(try await trees.contributions(features, onProgress: onProgress), top: count)
  }
}

// MARK: - As bytes: a line with the format and a digest of the rest, a line of JSON, trees in UBJ

extension CalibratedModel {
  private static let format = "roost-model 1 "

  private struct Header: Codable {
    var calibration: PlattScaling
    var causes: [CauseGroups.Group]
    var facts: String?
  }

  public func serialized() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let header = try encoder.encode(
      Header(calibration: calibration, causes: causes.groups, facts: facts))
    let content = Array(header) + [newline] + trees.serialized
    return Array((Self.format + digest(content)).utf8) + [newline] + content
  }

  /// - Throws: `LearningError.damagedModel` unless `serialized` is what `serialized()` returned.
  public init(serialized: [UInt8]) async throws {
    guard serialized.starts(with: Self.format.utf8),
      let lineEnd = serialized.firstIndex(of: newline)
    else { throw LearningError.damagedModel("it does not begin with '\(Self.format)'") }
    let content = serialized[(lineEnd + 1)...]
    // XGBoost does not survive every damaged model, so that it must not see one.
    guard serialized[Self.format.utf8.count..<lineEnd].elementsEqual(digest(content).utf8) else {
      throw LearningError.damagedModel("its digest differs")
    }
    guard let headerEnd = content.firstIndex(of: newline),
      let header = try? JSONDecoder().decode(Header.self, from: Data(content[..<headerEnd]))
    else { throw LearningError.damagedModel("its header is not what this version writes") }
    let trees = try await TrainedTrees(serialized: Array(content[(headerEnd + 1)...]))
    try self.init(
      trees: trees, calibration: header.calibration,
      causes: CauseGroups(header.causes, featureNames: trees.featureNames), facts: header.facts)
  }
}

private let newline = UInt8(ascii: "\n")

/// FNV-1a, 64 bits, in hexadecimal: finds damage, not forgery.
private func digest(_ bytes: some Sequence<UInt8>) -> String {
  let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  return String(hash, radix: 16)
}
