import Diagnostics
import Learning
import PipelineFiles

/// The keys of a learner, which follow from the settings that it declares.
struct LearnerKeys<L: Learner>: Record {
  static var about: String { L.about }

  let learner: L
  let given: [GivenSetting]

  init(_ keys: inout Keys) {
    self.init(
      L.settings, &keys, about: { "\($0.about) Must be \($0.limits)." }, isEarlierPlace: false)
  }

  /// Keys of some of its settings where earlier files have them.
  init(named names: [String], _ keys: inout Keys, about: (Setting<L>) -> String) {
    self.init(
      L.settings.filter { names.contains($0.name) }, &keys, about: about, isEarlierPlace: true)
  }

  private init(
    _ settings: [Setting<L>], _ keys: inout Keys, about: (Setting<L>) -> String,
    isEarlierPlace: Bool
  ) {
    var learner = L()
    var given: [GivenSetting] = []
    for setting in settings {
      let (name, about) = (setting.name, about(setting))
      let preset = isEarlierPlace ? nil : setting.text(in: L())
      let written: (text: String, key: SourceSpan?, value: SourceSpan?)?
      switch setting.value {
      case .whole(let path, _):
        let value: Placed<Int>? = keys(
          name, about, shown: preset, isEarlierPlace: isEarlierPlace)
        if let value { learner[keyPath: path] = value.value }
        written = value.map { ("\($0.value)", $0.key, $0.key) }
      case .number(let path, _):
        let value: Placed<Number>? = keys(
          name, about, shown: preset, isEarlierPlace: isEarlierPlace)
        if let value { learner[keyPath: path] = value.value.value }
        written = value.map { ($0.value.text, $0.key, $0.span) }
      case .optionalNumber(let path, _, _):
        let value: Placed<Number>? = keys(
          name, about, shown: preset, isEarlierPlace: isEarlierPlace)
        if let value { learner[keyPath: path] = value.value.value }
        written = value.map { ($0.value.text, $0.key, $0.span) }
      }
      guard let written else { continue }
      given.append(
        GivenSetting(
          name: name, text: written.text, key: written.key, value: written.value,
          limits: setting.isWithinLimits(in: learner) ? nil : setting.limits,
          leftOut: setting.leftOut))
    }
    self.learner = learner
    self.given = given
  }
}

/// A setting that a pipeline gives.
struct GivenSetting: Sendable {
  let name: String
  /// As written.
  let text: String
  /// Where its key stands, and its value.
  let key: SourceSpan?
  let value: SourceSpan?
  /// What it must be, where it is not.
  let limits: String?
  /// What becomes of it where it is left out and has no default.
  let leftOut: String?

  func check(_ report: Report) {
    guard let limits else { return }
    report.error(
      .wrongValue, "'\(name)' must be \(limits), found \(text)", at: value,
      help: leftOut.map { "leave it out: \($0) then" } ?? "leave it out to take the default")
  }
}
