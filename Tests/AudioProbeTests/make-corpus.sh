#!/usr/bin/env bash
# Encodes a few seconds of speech, tones, noise and silence with every encoder at hand, in every format that the probe
# knows: some hundred small, intact files. Usage: make-corpus.sh FOLDER
# Needs: ffmpeg sox lame flac oggenc (vorbis-tools) opusenc (opus-tools) speexenc (speex) espeak-ng twolame
set -euo pipefail
out=$1
mkdir -p "$out/in"
cd "$out"

make_inputs() {
    espeak-ng -w in/voice.wav "Good morning, this is the service desk. How can I help you today?"
    sox -D in/voice.wav -r 8000 -c 1 -b 16 in/a8.wav trim 0 1.2345
    sox -D in/voice.wav -r 16000 -c 1 -b 16 in/b16.wav trim 0.2 0.7771
    sox -D in/voice.wav -r 44100 -c 2 -b 16 in/c44.wav trim 0 0.6003
    sox -D in/voice.wav -r 8000 -c 2 -b 16 in/d8.wav trim 0 1.7
    sox -D -n -r 22050 -c 1 -b 16 in/e22.wav synth 0.513 sine 440 gain -6
    sox -D -n -r 48000 -c 2 -b 16 in/f48.wav synth 0.4001 pinknoise gain -10
    # Speech with a muted stretch in it, as a recorder leaves it while a call is on hold.
    sox -D in/a8.wav in/hold.wav trim 0 0.5
    sox -D -n -r 8000 -c 1 -b 16 in/gap.wav trim 0 1.1
    sox -D in/hold.wav in/gap.wav in/a8.wav in/g8.wav
    rm in/hold.wav in/gap.wav in/voice.wav
}

lames() {
    local i=$1
    lame --quiet in/$i.wav $i-lame-cbr.mp3
    lame --quiet -t -b 48 in/$i.wav $i-lame-notag.mp3
    lame --quiet -V 5 in/$i.wav $i-lame-vbr.mp3
    lame --quiet -V 2 -p in/$i.wav $i-lame-vbr-crc.mp3
    lame --quiet --abr 56 in/$i.wav $i-lame-abr.mp3
    lame --quiet -b 64 -p in/$i.wav $i-lame-crc.mp3
    lame --quiet -t -b 32 --resample 8 -m m in/$i.wav $i-lame-8k.mp3
    lame --quiet -b 24 --resample 8 -m m -t in/$i.wav $i-lame-telephone.mp3
    lame --quiet -b 32 --resample 16 --tt "Title" --ta "Artist" --add-id3v2 in/$i.wav $i-lame-id3.mp3
    lame --quiet -b 320 --resample 48 in/$i.wav $i-lame-320.mp3
    lame --quiet --freeformat -b 300 --resample 44.1 in/$i.wav $i-lame-free.mp3
    lame --quiet - - < in/$i.wav > $i-lame-pipe.mp3
}

ffmpegs() {
    local i=$1
    ffmpeg -v error -nostdin -y -i in/$i.wav \
        -ar 44100 -c:a libmp3lame -b:a 64k $i-ff-cbr.mp3 \
        -c:a libmp3lame -q:a 6 $i-ff-vbr.mp3 \
        -c:a libmp3lame -write_xing 0 -id3v2_version 0 $i-ff-noxing.mp3 \
        -c:a libmp3lame -write_id3v1 1 -metadata title=x $i-ff-id3v1.mp3 \
        -ar 44100 -c:a libshine $i-ff-shine.mp3 \
        -ar 44100 -c:a mp2 $i-ff.mp2 \
        -ar 24000 -c:a libtwolame $i-ff-twolame.mp2 \
        -c:a pcm_u8 $i-ff-u8.wav -c:a pcm_s16le $i-ff-s16.wav -c:a pcm_s24le $i-ff-s24.wav \
        -c:a pcm_s32le $i-ff-s32.wav -c:a pcm_f32le $i-ff-f32.wav -c:a pcm_f64le $i-ff-f64.wav \
        -c:a pcm_alaw $i-ff-alaw.wav -c:a pcm_mulaw $i-ff-mulaw.wav \
        -c:a adpcm_ms $i-ff-ms.wav -c:a adpcm_ima_wav $i-ff-ima.wav \
        -ar 8000 -ac 1 -c:a libgsm_ms $i-ff-gsm.wav \
        -ar 44100 -c:a libmp3lame -write_xing 0 $i-ff-mp3.wav \
        -rf64 always $i-ff-rf64.wav -fflags +bitexact $i-ff-exact.wav -write_bext 1 -metadata description=x $i-ff-bext.wav \
        -c:a flac $i-ff.flac -c:a flac -compression_level 12 $i-ff-12.flac \
        -c:a libvorbis $i-ff.ogg -c:a libopus $i-ff.opus -c:a libopus -f ogg $i-ff-opus.ogg \
        -c:a libopus -frame_duration 60 -application voip $i-ff-voip.opus \
        -ar 16000 -ac 1 -c:a libspeex $i-ff-speex.ogg -c:a flac -f ogg $i-ff-flac.ogg \
        -c:a aac $i-ff.m4a -c:a aac -movflags +faststart $i-ff-fast.m4a -c:a alac $i-ff-alac.m4a \
        -c:a pcm_mulaw $i-ff.au -c:a pcm_s16be $i-ff-s16.au \
        $i-ff.aiff -c:a pcm_s24be $i-ff-24.aiff -c:a pcm_s16le $i-ff-sowt.aifc -c:a pcm_f32be $i-ff-f32.aifc \
        -c:a pcm_mulaw $i-ff-mulaw.aifc -c:a adpcm_ima_qt $i-ff-ima.aifc \
        $i-ff.w64 -c:a pcm_alaw $i-ff-alaw.w64 -c:a adpcm_ms $i-ff-ms.w64 \
        $i-ff.aac -b:a 96k -write_id3v2 1 -metadata title=x $i-ff-id3.aac \
        $i-ff.caf -c:a pcm_s16le $i-ff-le.caf -c:a pcm_mulaw $i-ff-mulaw.caf -c:a alac $i-ff-alac.caf \
        -c:a adpcm_ima_qt $i-ff-ima.caf
}

soxes() {
    local i=$1
    sox -D in/$i.wav $i-sox.wav
    sox -D in/$i.wav -e u-law $i-sox-mulaw.wav
    sox -D in/$i.wav -e a-law $i-sox-alaw.wav
    sox -D in/$i.wav -b 24 $i-sox-24.wav
    sox -D in/$i.wav -e float $i-sox-float.wav
    sox -D in/$i.wav -e ms-adpcm $i-sox-ms.wav
    sox -D in/$i.wav -e ima-adpcm $i-sox-ima.wav
    sox -D in/$i.wav -r 8000 -c 1 -e gsm $i-sox-gsm.wav
    sox -D in/$i.wav -b 8 -e unsigned $i-sox-u8.wav
    sox -D in/$i.wav $i-sox.flac
    sox -D in/$i.wav $i-sox.ogg
    sox -D in/$i.wav -B $i-sox-rifx.wav
    sox -D in/$i.wav -B -e u-law $i-sox-rifx-mulaw.wav
    sox -D in/$i.wav -B -b 24 $i-sox-rifx-24.wav
    sox -D in/$i.wav -B -e float $i-sox-rifx-float.wav
    sox -D in/$i.wav $i-sox.aiff
    sox -D in/$i.wav -b 24 $i-sox.aifc
    sox -D in/$i.wav $i-sox.w64
    sox -D in/$i.wav $i-sox.caf
    sox -D in/$i.wav $i-sox.au
    sox -D in/$i.wav -e u-law $i-sox-mulaw.au
    sox -D in/$i.wav -C 64 -r 44100 $i-sox.mp3
}

others() {
    local i=$1 q
    for q in -1 2 6; do oggenc -Q -q $q -o $i-oggenc$q.ogg in/$i.wav; done
    oggenc -Q -q 1 -s 7 --comment title=x -o $i-oggenc-c.ogg in/$i.wav
    opusenc --quiet --bitrate 16 in/$i.wav $i-opusenc.opus
    opusenc --quiet --framesize 60 in/$i.wav $i-opusenc-60.opus
    opusenc --quiet --framesize 2.5 in/$i.wav $i-opusenc-2.5.opus
    opusenc --quiet --max-delay 0 in/$i.wav $i-opusenc-0.opus
    opusenc --quiet --hard-cbr --padding 2000 in/$i.wav $i-opusenc-cbr.opus
    flac -s -0 -o $i-flac0.flac in/$i.wav
    flac -s -8 -o $i-flac8.flac in/$i.wav
    flac -s --no-padding --no-seektable -b 576 -o $i-flac576.flac in/$i.wav
    flac -s --ogg -o $i-flac.oga in/$i.wav
    flac -s -5 --lax -b 1000 -P 100 -o $i-flac1000.flac in/$i.wav
    twolame --quiet -b 160 in/$i.wav $i-twolame.mp2 2>/dev/null || true
    twolame --quiet -b 128 -p in/$i.wav $i-twolame-crc.mp2 2>/dev/null || true
    case $i in
        a8|g8|d8) speexenc --quiet in/$i.wav $i-speexenc.spx; speexenc --quiet --nframes 3 --vbr in/$i.wav $i-speexenc3.spx ;;
        b16) speexenc --quiet in/$i.wav $i-speexenc.spx; speexenc --quiet --dtx --vad in/$i.wav $i-speexenc-dtx.spx ;;
        e22|f48) ;;
    esac
}

# A few that are long enough to be damaged in the middle.
longer() {
    sox -D -n -r 48000 -c 2 -b 16 long.wav synth 3 pinknoise gain -10
    lame --quiet long.wav long-lame.mp3
    oggenc -Q -q 6 -o long-oggenc.ogg long.wav
    opusenc --quiet --max-delay 200 long.wav long-opusenc.opus
    ffmpeg -v error -nostdin -y -i long.wav -c:a pcm_mulaw -ar 8000 long-ff-mulaw.wav -c:a flac -f ogg long-ff-flac.ogg \
        -c:a aac -movflags +faststart long-ff-fast.m4a -c:a aac long-ff.m4a -c:a pcm_s16be -ar 8000 long-ff-s16.au -ar 8000 long-ff-s16.wav \
        -ar 16000 -c:a flac long-ff.flac -ar 8000 long-ff.aiff -ar 8000 -c:a pcm_mulaw long-ff-mulaw.aifc \
        -ar 8000 long-ff.w64 -ar 8000 long-ff.caf -c:a aac long-ff.aac
    sox -D long.wav -B -r 8000 long-sox-rifx.wav
    speexenc --quiet long.wav long-speexenc.spx
    rm long.wav
}

make_inputs
longer
half() { local i; for i in "$@"; do lames $i; ffmpegs $i; soxes $i; others $i; done; }
half a8 c44 g8 &
first=$!
half b16 d8 e22 f48
wait $first
rm -rf in
