/// Shares in percent, for a message.
public enum PercentText {
  /// A share as its author would write it: `0.1%`.
  public static func exact(_ fraction: Double) -> String {
    let percent = (fraction * 1e8).rounded() / 1e6
    return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
  }

  /// A share of any size, with two digits that say something.
  public static func rounded(_ fraction: Double) -> String {
    let percent = fraction * 100
    if percent >= 10 {
      return percent < 1e6 ? "\(Int(percent.rounded()))%" : "more than a million %"
    }
    if percent < 0.001 { return "less than 0.001%" }
    return "\((percent * 1000).rounded() / 1000)%"
  }
}
