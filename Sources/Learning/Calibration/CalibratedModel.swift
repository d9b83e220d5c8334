import Foundation

/// Everything that scoring needs: a model, the calibration of its margins, and the causes that
/// explanations are reported in.
public struct CalibratedModel: Sendable {
  public let model: any TrainedModel
  public let calibration: PlattScaling
  public let causes: CauseGroups
  /// How features that are texts become the numbers that the model takes.
  public let categories: CategoryEncoding
  /// What its maker wants to know of it again, in a form of the maker's own.
  public let facts: String?

  /// - Throws: `LearningError.featuresDiffer` if the causes are of other features than the model.
  public init(
    model: any TrainedModel, calibration: PlattScaling, causes: CauseGroups,
    categories: CategoryEncoding = .none, facts: String? = nil
  ) throws {
    try checkFeatures(causes.featureNames, equal: model.featureNames)
    self.model = model
    self.calibration = calibration
    self.causes = causes
    self.categories = categories
    self.facts = facts
  }

  /// The calibrated probability of each row. Order rows by margins instead where ties matter.
  /// - Throws: as `TrainedModel.margins`.
  public func probabilities(_ features: FeatureMatrix) async throws -> [Double] {
    calibration.probabilities(margins: try await model.margins(features))
  }

  /// The strongest causes of each row's risk.
  /// - Throws: as `TrainedModel.contributions`.
  public func explain(
    _ features: FeatureMatrix, top count: Int, onProgress: LearningProgress? = nil
  ) async throws -> CauseRanking {
    try causes.ranked(try await model.contributions(features, onProgress: onProgress), top: count)
  }
}

// MARK: - As bytes: a line with the kind of model and a digest of the rest, a line of JSON, the model's own

extension CalibratedModel {
  private static let format = "roost-model 2 "
  /// The first version knew no kind of model but trees, and its digest covered no kind.
  private static let firstFormat = "roost-model 1 "
  private static let firstKind = "trees-1"

  private struct Header: Codable {
    var calibration: PlattScaling
    var causes: [CauseGroups.Group]
    /// Nil without any, as in files of versions that knew none.
    var categories: CategoryEncoding?
    var facts: String?
  }

  public func serialized() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let header = try encoder.encode(
      Header(
        calibration: calibration, causes: causes.groups,
        categories: categories == .none ? nil : categories, facts: facts))
    let content = Array(header) + [newline] + (try model.serialized)
    let kind = type(of: model).format
    return Array("\(Self.format)\(kind) \(digest(kind.utf8, content))".utf8) + [newline] + content
  }

  /// - Parameter kinds: those of which the model may be.
  /// - Throws: `LearningError.damagedModel` unless `serialized` is what `serialized()` returned, in this
  ///   version or an earlier one.
  public init(serialized: [UInt8], kinds: [any TrainedModel.Type]) async throws {
    guard let lineEnd = serialized.firstIndex(of: newline) else {
      throw LearningError.damagedModel("it has no first line")
    }
    let content = serialized[(lineEnd + 1)...]
    let name = try Self.kind(inFirstLine: serialized[..<lineEnd], of: content)
    guard let kind = kinds.first(where: { $0.format == name }) else {
      throw LearningError.damagedModel("its kind is '\(name)', which this version does not know")
    }
    guard let headerEnd = content.firstIndex(of: newline),
      let header = try? JSONDecoder().decode(Header.self, from: Data(content[..<headerEnd]))
    else { throw LearningError.damagedModel("its header is not what this version writes") }
    let model = try await kind.init(serialized: Array(content[(headerEnd + 1)...]))
    try self.init(
      model: model, calibration: header.calibration,
      causes: CauseGroups(header.causes, featureNames: model.featureNames),
      categories: header.categories ?? .none, facts: header.facts)
  }

  /// The kind of model that a first line names, once its digest is found to be that of the content:
  /// XGBoost does not survive every damaged model, so that it must not see one.
  private static func kind(
    inFirstLine line: ArraySlice<UInt8>, of content: ArraySlice<UInt8>
  ) throws -> String {
    let text = String(decoding: line, as: UTF8.self)
    let kind: String
    let expected: String
    if text.hasPrefix(firstFormat) {
      kind = firstKind
      expected = firstFormat + digest(content)
    } else if text.hasPrefix(format) {
      kind = String(text.dropFirst(format.count).prefix { $0 != " " })
      expected = "\(format)\(kind) \(digest(kind.utf8, content))"
    } else {
      throw LearningError.damagedModel("it does not begin with '\(format)'")
    }
    guard text == expected else { throw LearningError.damagedModel("its digest differs") }
    return kind
  }
}

private let newline = UInt8(ascii: "\n")

/// FNV-1a, 64 bits, in hexadecimal: finds damage, not forgery.
private func digest(_ parts: any Sequence<UInt8>...) -> String {
  var hash = 0xcbf2_9ce4_8422_2325 as UInt64
  for part in parts { hash = extended(hash, by: part) }
  return String(hash, radix: 16)
}

private func extended(_ hash: UInt64, by bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
