"""Speech by espeak-ng, streams of it with noise, and frames of those."""

import ctypes
import pathlib
import subprocess
import tempfile
import wave

import numpy as np

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples/keywords"
RATE, HOP, BANDS = 8000, 160, 24  # as in frontend.h
# Frames that a score of the network depends on, and from one to the next.
WINDOW, STRIDE = 43, 4
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven",
         "eight", "nine"]
OTHER = len(WORDS)
# No digits, though some sound so; what is said in training and in the test.
OTHER_WORDS = """hello yes no up left right stop off house cat bird water
    window table summer morning people river sick mine nice fix tree
    sever light play number please network after open never always picture
    computer silver eleven twenty hundred
    air arm back ball bed big black blue boat book box boy bread bring brown
    call car care chair child clear cloud coat cold come cook corn cost cup
    cut dance dark day deep dog door draw dream dress drink drive ear east
    end eye face fall far fast fat feed feel fight fill fire fish
    flat floor fly foot form fresh friend fruit full gas gate give glass gold
    good great green ground hair half hand hard hat head hear heat help high
    hill hit hold home hope horse hot ice inch iron job jump keep key kick
    kind king knife know lake land last law lead leaf leg life list long lost
    love low man map mark meat milk mind moon more mouth move name near neck
    new night north nose note now oil old paint paper park part pass path pen
    phone pick pin place plan point pool poor press price pull push queen
    quick rain read red rest rice ride ring road rock roof room root rope run
    safe sail salt sand save say school sea seat see send shape sharp ship
    shirt shoe shop short show side sign sing sister sit skin sky sleep slow
    small smile smoke snow soap soft song soon sound south space speak spoon
    spring stand star start stay steam steel step still stone street strong
    sugar suit sun sure sweet swim tail take talk tall taste tea teach test
    thing think throw time tired tooth top touch town train trip true trust
    try turn use view voice wait walk wall want warm wash watch
    way weak wear week west wet wheel white wide wife wild wind wine wing wire
    wise wolf wood word work world worm write year yellow young about again
    animal answer apple baby basket before better bottle brother butter button
    carry circle city color corner country cover daughter dinner doctor early
    earth every family farmer father finger flower forest kitchen lady language
    later letter little market measure middle minute mother mountain office
    orange pencil pepper pocket potato pretty problem question quiet rabbit
    reason ready sentence shoulder simple spider story student sudden teacher
    tomorrow travel uncle vegetable village visit weather woman yesterday
    zebra zipper fifty thirty""".split()
UNHEARD_WORDS = """down go on music winter garden monkey heaven line fine hero
    neighbour thank under close because machine ten""".split()

ACCENTS = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan",
           "en-gb-x-gbcwmd", "en-029", "en-us-nyc"]
HELD_OUT = "m4 m7 f2 f5 Andrea linda Michael robert".split()
# Of espeak-ng's voices those that people may have.
VOICES = """m1 m2 m3 m5 m6 m8 f1 f3 f4 adam Alex Alicia Andy Annie antonio
    belinda benjamin boris caleb david ed edward Denis Diogo Gene Henrique
    Hugo iven john Lee marcelo Marco max miguel pablo paul pedro rob steph
    steph2 victor zac quincy""".split()


def resampled(samples, rate):
    """At RATE, by cutting the spectrum."""
    length = len(samples) * RATE // rate
    spectrum = np.fft.rfft(samples)[:length // 2 + 1]
    return np.fft.irfft(spectrum, length) * (length / len(samples))


def spoken(text, voice, speed, pitch):
    """A clip without the silence around it, as floats of loudness 1."""
    wav = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch),
         "--stdout", text], check=True, capture_output=True).stdout
    data = wav.index(b"data") + 8  # the header's sizes are those of a pipe
    rate = int.from_bytes(wav[24:28], "little")
    samples = np.frombuffer(wav[data:len(wav) - (len(wav) - data) % 2], "<i2")
    clip = resampled(samples.astype(np.float64), rate)
    loud = np.flatnonzero(np.abs(clip) > 0.02 * np.abs(clip).max())
    clip = clip[loud[0]:loud[-1] + 1]
    return (clip / np.sqrt(np.mean(clip ** 2))).astype(np.float32)


def library(voices, others, count, seed):
    """Speakers; each has clips of all digits and then of some other words."""
    rng = np.random.default_rng(seed)
    speakers = []
    for index in range(count):
        voice = f"{ACCENTS[index % len(ACCENTS)]}+{voices[index % len(voices)]}"
        texts = WORDS + list(rng.choice(others, 18, replace=False))
        speakers.append([
            spoken(text, voice, rng.integers(120, 200), rng.integers(25, 75))
            for text in texts])
    return speakers


def noise(rng, length):
    """White to brown, of loudness 1."""
    padded = 1 << length.bit_length()  # which the FFT is quick at
    spectrum = np.fft.rfft(rng.standard_normal(padded))
    spectrum *= np.maximum(np.arange(len(spectrum)), 20) ** -rng.uniform(0, 1)
    samples = np.fft.irfft(spectrum, padded)[:length]
    return samples / samples.std()


def stream(speakers, rng, words):
    """So many words of several speakers over noise; (class, end) of each."""
    loudness = 10 ** rng.uniform(2.6, 3.7)
    # Nothing can be heard before the first window is full.
    parts, said = [np.zeros(WINDOW * HOP, np.float32)], []
    length = len(parts[0])
    speaker = None
    for _ in range(words):
        gap = np.zeros(int(RATE * rng.uniform(0.08, 0.8)), np.float32)
        if speaker is None or rng.random() < 0.3:
            speaker = speakers[rng.integers(len(speakers))]
        known = rng.random() < 0.5
        word = rng.integers(OTHER) if known else rng.integers(
            OTHER, len(speaker))
        clip = speaker[word] * rng.uniform(0.7, 1.3)
        if rng.random() < 0.3:  # a filter of the room
            clip = clip + rng.uniform(-0.5, 0.5) * np.roll(
                clip, rng.integers(1, 5))
        parts += [gap, clip]
        length += len(gap) + len(clip)
        said.append((min(int(word), OTHER), length))
    parts.append(np.zeros(RATE, np.float32))
    samples = np.concatenate(parts) * loudness
    quieter = 10 ** -rng.uniform(0.5, 2.5)  # 10 to 50 dB below the speech
    samples += noise(rng, len(samples)) * loudness * quieter
    return pcm(samples), said


def pcm(samples):
    return np.clip(np.round(samples), -32768, 32767).astype(np.int16)


class Tools:
    """The example's front end and detector, compiled."""

    def __init__(self):
        with tempfile.TemporaryDirectory() as folder:
            library_file = f"{folder}/keywords.so"
            subprocess.run(
                ["cc", "-std=c99", "-O2", "-shared", "-fPIC",
                 str(EXAMPLE / "frontend.c"), str(EXAMPLE / "detector.c"),
                 "-lm", "-o", library_file], check=True)
            self.c = ctypes.CDLL(library_file)

    def frames(self, samples):
        """One row of BANDS int8 for every HOP samples."""
        state = ctypes.create_string_buffer(1 << 16)
        self.c.frontend_reset(state)
        count = len(samples) // HOP
        samples = np.ascontiguousarray(samples[:count * HOP], np.int16)
        frames = np.empty((count, BANDS), np.int8)
        for i in range(count):
            self.c.frontend_step(
                state, ctypes.c_void_p(samples.ctypes.data + 2 * HOP * i),
                ctypes.c_void_p(frames.ctypes.data + BANDS * i))
        return frames

    def words(self, scores):
        """(word, index of the scores) of all that the detector tells."""
        state = ctypes.create_string_buffer(1 << 10)
        self.c.detector_reset(state)
        scores = np.ascontiguousarray(scores, np.int8)
        answers = [self.c.detector_step(state, row.ctypes.data_as(
            ctypes.c_void_p)) for row in scores]
        return [(word, i) for i, word in enumerate(answers) if word >= 0]


def write_wav(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
