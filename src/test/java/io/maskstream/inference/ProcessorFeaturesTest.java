package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorFeaturesTest {

  @ParameterizedTest
  @CsvSource({
    "'flags\t\t: fpu sse2 avx2 fma', false",
    "'flags\t\t: fpu avx512f avx512_vnni', true",
    "'flags\t\t: avx2 avx_vnni sha_ni', true",
    "'Features\t: fp asimd asimddp', true",
    "'flags:avx_vnni', true",
    "'model name\t: has avx_vnni in its name only', false"
  })
  void dotProducts_areReadFromTheFlags(String line, boolean expected) {
    String info = "processor\t: 0\n" + line + "\nbogomips\t: 5000\n";
    assertThat(ProcessorFeatures.hasDotProducts(info)).isEqualTo(expected);
  }
}
