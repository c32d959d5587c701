import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How like two pictures of one size are: the peak signal-to-noise ratio of their luma, in dB, over every second row;
/// infinite when equal, nil when their sizes differ.
func lumaPSNR(_ left: VideoFrame, _ right: VideoFrame) -> Double? {
  guard left.width == right.width, left.height == right.height else { return nil }
  var sum = 0
  for row in stride(from: 0, to: left.height, by: 2) {
    let leftLine = left.y + row * left.strideY
    let rightLine = right.y + row * right.strideY
    for column in 0..<left.width {
      let difference = Int(leftLine[column]) - Int(rightLine[column])
      sum += difference * difference
    }
  }
  if sum == 0 { return .infinity }
  return 10 * log10(255 * 255 * Double(left.width * ((left.height + 1) / 2)) / Double(sum))
}
