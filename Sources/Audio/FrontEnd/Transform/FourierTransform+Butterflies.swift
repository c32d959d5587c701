extension FourierTransform {
  typealias Source = UnsafeMutablePointer<ComplexLanes>

  @inline(__always)
  private static func store(_ real: Lanes, _ imaginary: Lanes, times w: Complex, _ target: Source, _ index: Int) {
    target[index].real = real * w.real - imaginary * w.imaginary
    target[index].imaginary = real * w.imaginary + imaginary * w.real
  }

  static func radix2(
    _ source: Source, _ target: Source, _ twiddle: UnsafeMutablePointer<Complex>, groups: Int, stride: Int
  ) {
    for group in 0..<groups {
      let w = twiddle[group]
      for index in 0..<stride {
        let a = source[index + stride * group]
        let b = source[index + stride * (group + groups)]
        let out = index + stride * 2 * group
        target[out].real = a.real + b.real
        target[out].imaginary = a.imaginary + b.imaginary
        store(a.real - b.real, a.imaginary - b.imaginary, times: w, target, out + stride)
      }
    }
  }

  static func radix3(
    _ source: Source, _ target: Source, _ twiddle: UnsafeMutablePointer<Complex>, groups: Int, stride: Int
  ) {
    let half: Float = 0.5
    let sine: Float = 0.866_025_4
    for group in 0..<groups {
      let (w1, w2) = (twiddle[2 * group], twiddle[2 * group + 1])
      for index in 0..<stride {
        let a = source[index + stride * group]
        let b = source[index + stride * (group + groups)]
        let c = source[index + stride * (group + 2 * groups)]
        let sumReal = b.real + c.real
        let sumImaginary = b.imaginary + c.imaginary
        let turnReal = (b.imaginary - c.imaginary) * sine
        let turnImaginary = (c.real - b.real) * sine
        let restReal = a.real - sumReal * half
        let restImaginary = a.imaginary - sumImaginary * half
        let out = index + stride * 3 * group
        target[out].real = a.real + sumReal
        target[out].imaginary = a.imaginary + sumImaginary
        store(restReal + turnReal, restImaginary + turnImaginary, times: w1, target, out + stride)
        store(restReal - turnReal, restImaginary - turnImaginary, times: w2, target, out + 2 * stride)
      }
    }
  }

  static func radix4(
    _ source: Source, _ target: Source, _ twiddle: UnsafeMutablePointer<Complex>, groups: Int, stride: Int
  ) {
    for group in 0..<groups {
      let (w1, w2, w3) = (twiddle[3 * group], twiddle[3 * group + 1], twiddle[3 * group + 2])
      for index in 0..<stride {
        let a = source[index + stride * group]
        let b = source[index + stride * (group + groups)]
        let c = source[index + stride * (group + 2 * groups)]
        let d = source[index + stride * (group + 3 * groups)]
        let evenReal = a.real + c.real
        let evenImaginary = a.imaginary + c.imaginary
        let oddReal = b.real + d.real
        let oddImaginary = b.imaginary + d.imaginary
        let acReal = a.real - c.real
        let acImaginary = a.imaginary - c.imaginary
        let bdReal = b.real - d.real
        let bdImaginary = b.imaginary - d.imaginary
        let out = index + stride * 4 * group
        target[out].real = evenReal + oddReal
        target[out].imaginary = evenImaginary + oddImaginary
        store(acReal + bdImaginary, acImaginary - bdReal, times: w1, target, out + stride)
        store(evenReal - oddReal, evenImaginary - oddImaginary, times: w2, target, out + 2 * stride)
        store(acReal - bdImaginary, acImaginary + bdReal, times: w3, target, out + 3 * stride)
      }
    }
  }

  static func radix5(
    _ source: Source, _ target: Source, _ twiddle: UnsafeMutablePointer<Complex>, groups: Int, stride: Int
  ) {
    let (c1, c2): (Float, Float) = (0.309_017, -0.809_017)
    let (s1, s2): (Float, Float) = (0.951_056_5, 0.587_785_25)
    for group in 0..<groups {
      let w = twiddle + 4 * group
      for index in 0..<stride {
        let a = source[index + stride * group]
        let b = source[index + stride * (group + groups)]
        let c = source[index + stride * (group + 2 * groups)]
        let d = source[index + stride * (group + 3 * groups)]
        let e = source[index + stride * (group + 4 * groups)]
        let beReal = b.real + e.real
        let beImaginary = b.imaginary + e.imaginary
        let cdReal = c.real + d.real
        let cdImaginary = c.imaginary + d.imaginary
        let beTurnReal = b.imaginary - e.imaginary
        let beTurnImaginary = e.real - b.real
        let cdTurnReal = c.imaginary - d.imaginary
        let cdTurnImaginary = d.real - c.real
        let firstReal = a.real + beReal * c1 + cdReal * c2
        let firstImaginary = a.imaginary + beImaginary * c1 + cdImaginary * c2
        let secondReal = a.real + beReal * c2 + cdReal * c1
        let secondImaginary = a.imaginary + beImaginary * c2 + cdImaginary * c1
        let firstTurnReal = beTurnReal * s1 + cdTurnReal * s2
        let firstTurnImaginary = beTurnImaginary * s1 + cdTurnImaginary * s2
        let secondTurnReal = beTurnReal * s2 - cdTurnReal * s1
        let secondTurnImaginary = beTurnImaginary * s2 - cdTurnImaginary * s1
        let out = index + stride * 5 * group
        target[out].real = a.real + beReal + cdReal
        target[out].imaginary = a.imaginary + beImaginary + cdImaginary
        store(firstReal + firstTurnReal, firstImaginary + firstTurnImaginary, times: w[0], target, out + stride)
        store(secondReal + secondTurnReal, secondImaginary + secondTurnImaginary, times: w[1], target, out + 2 * stride)
        store(secondReal - secondTurnReal, secondImaginary - secondTurnImaginary, times: w[2], target, out + 3 * stride)
        store(firstReal - firstTurnReal, firstImaginary - firstTurnImaginary, times: w[3], target, out + 4 * stride)
      }
    }
  }
}
