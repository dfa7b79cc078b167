"""The two shader programs: light and pattern, and the depth seen from the lamp."""

VERTEX = """#version 330
in vec3 place; in vec3 normal; in vec3 rest; in vec3 first; in vec3 second; in vec4 material;
uniform mat4 camera; uniform mat4 lamp; uniform vec3 slide;
out vec3 n; out vec3 p; out vec3 r; out vec3 c1; out vec3 c2; out vec4 s; flat out vec4 m;
void main() {
  vec3 at = place + slide;
  n = normal; p = at; r = rest; c1 = first; c2 = second; m = material;
  s = lamp * vec4(at, 1.0);
  gl_Position = camera * vec4(at, 1.0);
}"""

#: PATTERN, BUMP and LIT are set by `fragment`: the software renderer runs both arms of an `if`.
_FRAGMENT = """
in vec3 n; in vec3 p; in vec3 r; in vec3 c1; in vec3 c2; in vec4 s; flat in vec4 m;
uniform vec3 key_dir; uniform vec3 key; uniform vec3 fill_dir; uniform vec3 fill;
uniform vec3 sky; uniform vec3 ground; uniform float shadow; uniform float soft;
uniform float exposure; uniform float contrast; uniform vec3 eye;
uniform sampler2DShadow depth; uniform sampler2DArray textures;
out vec4 o;

float hash(vec3 q) {
  q = fract(q * vec3(0.1031, 0.1030, 0.0973));
  q += dot(q, q.yxz + 33.33);
  return fract((q.x + q.y) * q.z);
}
float noise(vec3 q) {
  vec3 i = floor(q), f = fract(q); f = f * f * (3.0 - 2.0 * f);
  return mix(
    mix(mix(hash(i), hash(i + vec3(1,0,0)), f.x),
        mix(hash(i + vec3(0,1,0)), hash(i + vec3(1,1,0)), f.x), f.y),
    mix(mix(hash(i + vec3(0,0,1)), hash(i + vec3(1,0,1)), f.x),
        mix(hash(i + vec3(0,1,1)), hash(i + vec3(1,1,1)), f.x), f.y), f.z);
}
vec3 paint() {
  float q = m.y;
#if PATTERN >= 10
  vec3 t = texture(textures, vec3(r.xy, float(PATTERN - 10))).rgb; return t * t * c1;
#elif PATTERN == 1
  return c1 * (0.6 + 0.8 * noise(r * 420.0 * q));
#elif PATTERN == 2
  return sin(r.z * 100.0 * q) > 0.0 ? c1 : c2;
#elif PATTERN == 3
  return sin(r.y * 90.0 * q + r.x * 60.0 * q) > 0.2 ? c1 : c2;
#elif PATTERN == 4
  float a = step(0.0, sin(r.z * 80.0 * q)) + step(0.0, sin((r.y + r.x) * 80.0 * q));
  return mix(c1, c2, 0.5 * a);
#elif PATTERN == 5
  float a = noise(r * 14.0 * q), b = noise(r * 23.0 * q + 9.0);
  return a > 0.55 ? c2 : (b > 0.6 ? c1 * 0.35 : c1);
#elif PATTERN == 6
  return noise(vec3(3.0, 7.0, floor(r.z * 5.0 * q) + 1.5)) > 0.5 ? c1 : c2;
#elif PATTERN == 7
  return length(fract(r.yz * 16.0 * q) - 0.5) < 0.25 ? c2 : c1;
#else
  return c1 * (0.96 + 0.04 * sin(r.x * 71.0) * sin(r.y * 83.0 + 1.0) * sin(r.z * 67.0));
#endif
}
float lit() {
#if LIT
  vec3 q = s.xyz / s.w * 0.5 + 0.5;
  float sum = 0.0, d = soft / 512.0;
  for (int i = -1; i <= 1; i++) for (int j = -1; j <= 1; j++)
    sum += texture(depth, vec3(q.xy + d * vec2(float(i), float(j)), q.z - 0.006));
  float inside = step(abs(q.x - 0.5), 0.5) * step(abs(q.y - 0.5), 0.5);
  return mix(1.0, sum / 9.0, inside);
#else
  return 1.0;
#endif
}
#if PATTERN < 0
void main() { o = vec4(vec3(mix(1.0, lit(), 0.6 * shadow)), 1.0); }
#else
void main() {
  vec3 a = normalize(n);
#if BUMP
  float h0 = 0.007 * m.z * noise(r * vec3(16.0, 16.0, 9.0));
  vec3 px = dFdx(p), py = dFdy(p), e = cross(py, a), f = cross(a, px);
  float det = dot(px, e);
  a = normalize(abs(det) * a - sign(det) * (dFdx(h0) * e + dFdy(h0) * f));
#endif
  vec3 to = normalize(eye - p);
  if (dot(a, to) < 0.0) a = -a;
  vec3 base = paint();
  float dark = mix(1.0, lit(), shadow);
  vec3 light = mix(ground, sky, 0.5 + 0.5 * a.z) * mix(1.0, dark, 0.35)
    + key * max(dot(a, key_dir), 0.0) * dark + fill * max(dot(a, fill_dir), 0.0);
#if PATTERN < 10
  float h = max(dot(a, normalize(key_dir + to)), 0.0);
  h *= h; h *= h; h *= h; h *= h;
  light += key * dark * 0.05 * h / max(base, 0.05);
#endif
  vec3 c = clamp(base * light * exposure, 0.0, 1.0);
  c = pow(c, vec3(0.4545));
  o = vec4(clamp((c - 0.5) * contrast + 0.5, 0.0, 1.0), m.w);
}
#endif
"""
#: Pattern number of the pass that darkens the floor.
SHADE = -1


def fragment(pattern: int, *, bump: bool, lit: bool) -> str:
    """Return the fragment shader of one pattern."""
    head = f"#version 330\n#define PATTERN {pattern}\n#define BUMP {int(bump)}\n"
    return f"{head}#define LIT {int(lit)}\n{_FRAGMENT}"


DEPTH_VERTEX = """#version 330
in vec3 place; uniform mat4 lamp;
void main() { gl_Position = lamp * vec4(place, 1.0); }"""

DEPTH_FRAGMENT = """#version 330
void main() { }"""
