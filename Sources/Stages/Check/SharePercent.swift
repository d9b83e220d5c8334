import PipelineFiles

extension Share {
  /// A share of any size in percent, with two digits that say something.
  static func percent(_ fraction: Double) -> String {
    let percent = fraction * 100
    if percent >= 10 {
      return percent < 1e6 ? "\(Int(percent.rounded()))%" : "more than a million %"
    }
    if percent < 0.001 { return "less than 0.001%" }
    return "\((percent * 1000).rounded() / 1000)%"
  }
}
