package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorFeaturesTest {

  @ParameterizedTest
  @CsvSource({
    "'flags\t\t: fpu sse2 fma', false, false",
    "'flags\t\t: fpu sse2 avx2 fma', true, false",
    "'flags\t\t: fpu avx512f avx512_vnni', true, true",
    "'flags\t\t: avx2 avx_vnni sha_ni', true, true",
    "'Features\t: fp asimd asimddp', true, true",
    "'Features\t: fp asimd', false, false",
    "'flags:avx_vnni', true, true",
    "'model name\t: has avx2 and avx_vnni in its name only', false, false"
  })
  void exactSums_areReadFromTheFlags(String line, boolean ofSevenBits, boolean ofEight) {
    ProcessorFeatures features =
        ProcessorFeatures.of("processor\t: 0\n" + line + "\nbogomips\t: 5000\n");
    assertThat(features.addExactly(7)).isEqualTo(ofSevenBits);
    assertThat(features.addExactly(8)).isEqualTo(ofEight);
  }
}
