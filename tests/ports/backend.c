/* A backend in C, without libraries, that speaks the process protocol (oracle/backends/PROTOCOL.md). Small enough to copy:
     cc -O2 -o backend backend.c -lm && manualbp conform --command ./backend
   Matrices are row by row, samples are columns. All is computed in double and rounded to the dtype at the end. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LAYERS = 16 };

/* JSON: enough of it to find the value of a key, and to walk through an array */

static const char *blank(const char *p) { return p + strspn(p, " \t\r\n"); }

static const char *past(const char *p) { /* the end of the value that begins at p */
    p = blank(p);
    if (*p == '"') {
        for (p++; *p && *p != '"'; p++) if (*p == '\\' && p[1]) p++;
        return *p ? p + 1 : p;
    }
    if (*p != '{' && *p != '[') return p + strcspn(p, ",]} \t\r\n");
    int depth = 0;
    do {
        if (*p == '"') { p = past(p); continue; }
        depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
        p++;
    } while (depth && *p);
    return p;
}

static const char *get(const char *object, const char *key) { /* the value of a key, or NULL */
    const char *p = object ? blank(object) : "";
    if (*p != '{') return NULL;
    for (p = blank(p + 1); *p == '"';) {
        const char *end = past(p), *value = blank(end);
        if (*value != ':') return NULL;
        value = blank(value + 1);
        if ((size_t)(end - p - 2) == strlen(key) && !strncmp(p + 1, key, strlen(key))) return value;
        p = blank(past(value));
        if (*p == ',') p = blank(p + 1);
    }
    return NULL;
}

static const char *at(const char *array, int k) { /* the k-th value of an array, or NULL */
    const char *p = array ? blank(array) : "";
    if (*p != '[') return NULL;
    for (p = blank(p + 1); *p && *p != ']'; k--) {
        if (k == 0) return p;
        p = blank(past(p));
        if (*p == ',') p = blank(p + 1);
    }
    return NULL;
}

static int is(const char *value, const char *word) {
    return value && *value == '"' && !strncmp(value + 1, word, strlen(word)) && value[1 + strlen(word)] == '"';
}

static int whole(const char *value) { return value ? atoi(value) : 0; }

/* numbers as their bit patterns in hex */

static int narrow; /* whether the dtype is float32 */

static double *decode(const char *array, int count) {
    double *out = malloc(sizeof(double) * (count ? count : 1));
    const char *p = at(get(array, "bits"), 0);
    for (int k = 0; k < count; k++) {
        uint64_t bits = p ? strtoull(p + 1, NULL, 16) : 0;
        uint32_t half = (uint32_t)bits;
        float single;
        memcpy(&single, &half, sizeof single);
        memcpy(&out[k], &bits, sizeof bits);
        if (narrow) out[k] = single;
        p = p ? blank(past(p)) : p;
        if (p && *p == ',') p = blank(p + 1);
    }
    return out;
}

static void encode(const double *values, int rows, int columns) {
    printf(rows ? "{\"shape\":[%d,%d],\"bits\":[" : "{\"shape\":[],\"bits\":[", rows, columns);
    for (int k = 0, count = rows ? rows * columns : 1; k < count; k++) {
        float single = (float)values[k];
        uint32_t half;
        uint64_t bits;
        memcpy(&half, &single, sizeof half);
        memcpy(&bits, &values[k], sizeof bits);
        if (narrow) printf("%s\"%08lx\"", k ? "," : "", (unsigned long)half);
        else printf("%s\"%016llx\"", k ? "," : "", (unsigned long long)bits);
    }
    printf("]}");
}

/* activations: σ and σ′, functions of z */

static double sigmoid(double z) { return 1 / (1 + exp(-z)); }
static double bell(double e) { return e / ((1 + e) * (1 + e)); } /* of e = exp(−|z|): σ(1 − σ) without a difference */
static double softplus(double z) { return fmax(z, 0) + log1p(exp(-fabs(z))); }
static double identity(double z) { return z; }
static double one(double z) { (void)z; return 1; }
static double sigmoid_prime(double z) { return bell(exp(-fabs(z))); }
static double tanh_prime(double z) { return 4 * bell(exp(-2 * fabs(z))); }
static double relu(double z) { return z > 0 ? z : 0; }
static double relu_prime(double z) { return z > 0; }

typedef struct { const char *name; double (*sigma)(double), (*prime)(double); } Activation;
static const Activation ACTIVATIONS[] = {
    {"identity", identity, one}, {"sigmoid", sigmoid, sigmoid_prime}, {"tanh", tanh, tanh_prime},
    {"relu", relu, relu_prime},  {"softplus", softplus, sigmoid},     {NULL, NULL, NULL},
};

static const Activation *activation(const char *name) {
    const Activation *f = ACTIVATIONS;
    while (f->name && !is(name, f->name)) f++;
    return f->name ? f : NULL;
}

/* costs: C and ∇ₐC of one output */

static double quadratic(double a, double E) { return 0.5 * (a - E) * (a - E); }
static double quadratic_nabla(double a, double E) { return a - E; }
static double cross_entropy(double a, double E) { return -(E * log(a) + (1 - E) * log1p(-a)); }
static double cross_entropy_nabla(double a, double E) { return (a - E) / (a * (1 - a)); }
static double categorical(double a, double E) { return -E * log(a); }
static double categorical_nabla(double a, double E) { return -E / a; }

typedef struct { const char *name; double (*C)(double, double), (*nabla)(double, double); } Cost;
static const Cost COSTS[] = {
    {"quadratic", quadratic, quadratic_nabla}, {"cross_entropy", cross_entropy, cross_entropy_nabla},
    {"categorical_cross_entropy", categorical, categorical_nabla}, {NULL, NULL, NULL},
};

/* one sample at the output: z, E to a, δ; returns its cost. fused: simplified by hand, so that saturation costs no digits */

static double others(const double *v, int n, int j) {
    double s = 0;
    for (int k = 0; k < n; k++) if (k != j) s += v[k];
    return s;
}

static double output(const Activation *f, const Cost *cost, int fused, int n, const double *z, const double *E, double *a, double *delta) {
    double total = 0, most = z[0], sum = 0, g[n], weighted[n];
    for (int j = 0; j < n; j++) most = fmax(most, z[j]);
    for (int j = 0; j < n; j++) sum += exp(z[j] - most);
    for (int j = 0; j < n; j++) a[j] = f ? f->sigma(z[j]) : exp(z[j] - most) / sum;
    for (int j = 0; j < n; j++) weighted[j] = a[j] * (g[j] = cost->nabla(a[j], E[j]));
    for (int j = 0; j < n; j++) {
        if (fused && !f) {
            total -= E[j] * (z[j] - most - log(sum));
            delta[j] = a[j] * others(E, n, j) - E[j] * others(a, n, j);
        } else if (fused && f->sigma == sigmoid) {
            total += (1 - E[j]) * softplus(z[j]) + E[j] * softplus(-z[j]);
            delta[j] = (1 - E[j]) * a[j] - E[j] * sigmoid(-z[j]);
        } else {
            total += cost->C(a[j], E[j]);
            delta[j] = f ? g[j] * f->prime(z[j]) : a[j] * (others(a, n, j) * g[j] - others(weighted, n, j)); /* BP1 */
        }
    }
    return total;
}

static void run(int seq, const char *c) {
    const char *hidden = get(c, "hidden"), *sizes = get(c, "sizes"), *out = get(c, "output_activation"), *head = get(c, "head");
    const Cost *cost = COSTS;
    const Activation *f[MOST_LAYERS + 1] = {0};
    int L = 0, m = whole(get(c, "samples")), n[MOST_LAYERS + 1], fused;
    while (cost->name && !is(get(c, "cost"), cost->name)) cost++;
    for (; L < MOST_LAYERS && at(sizes, L); L++) n[L + 1] = whole(at(sizes, L)); /* layers are counted from 1, as on paper */
    if (at(sizes, L)) { printf("{\"seq\":%d,\"skipped\":\"more than %d layers\"}\n", seq, MOST_LAYERS); return; }
    if (!cost->name) { printf("{\"seq\":%d,\"skipped\":\"no such cost\"}\n", seq); return; }
    for (int i = 2; i <= L; i++) f[i] = activation(i < L ? at(hidden, i - 2) : out);
    for (int i = 2; i < L + !is(out, "softmax"); i++)
        if (!f[i]) { printf("{\"seq\":%d,\"skipped\":\"no such activation in layer %d\"}\n", seq, i); return; }
    fused = is(head, "sigmoid+cross_entropy:fused") || is(head, "softmax+categorical_cross_entropy:fused");
    if (head && strstr(head, ":fused\"") && strstr(head, ":fused\"") < past(head) && !fused && !is(head, "identity+quadratic:fused")) {
        printf("{\"seq\":%d,\"skipped\":\"no such fused head\"}\n", seq);
        return;
    }
    narrow = is(get(c, "dtype"), "float32");

    double *w[MOST_LAYERS + 1], *b[MOST_LAYERS + 1], *z[MOST_LAYERS + 1], *a[MOST_LAYERS + 1], *delta[MOST_LAYERS + 1];
    double *E = decode(get(c, "expected"), n[L] * m), total = 0, *nabla;
    a[1] = decode(get(c, "x"), n[1] * m);
    for (int i = 2; i <= L; i++) {
        w[i] = decode(at(get(c, "weights"), i - 2), n[i] * n[i - 1]);
        b[i] = decode(at(get(c, "biases"), i - 2), n[i]);
        z[i] = malloc(sizeof(double) * n[i] * m), a[i] = malloc(sizeof(double) * n[i] * m), delta[i] = malloc(sizeof(double) * n[i] * m);
        for (int j = 0; j < n[i]; j++)
            for (int r = 0; r < m; r++) {
                double s = 0;
                for (int k = 0; k < n[i - 1]; k++) s += w[i][j * n[i - 1] + k] * a[i - 1][k * m + r];
                z[i][j * m + r] = s + b[i][j];
                if (i < L) a[i][j * m + r] = f[i]->sigma(z[i][j * m + r]);
            }
    }
    for (int r = 0; r < m; r++) {
        double zr[n[L]], Er[n[L]], ar[n[L]], dr[n[L]];
        for (int j = 0; j < n[L]; j++) zr[j] = z[L][j * m + r], Er[j] = E[j * m + r];
        total += output(f[L], cost, fused, n[L], zr, Er, ar, dr) / m;
        for (int j = 0; j < n[L]; j++) a[L][j * m + r] = ar[j], delta[L][j * m + r] = dr[j];
    }
    for (int i = L - 1; i >= 2; i--)
        for (int k = 0; k < n[i]; k++)
            for (int r = 0; r < m; r++) {
                double s = 0;
                for (int j = 0; j < n[i + 1]; j++) s += w[i + 1][j * n[i] + k] * delta[i + 1][j * m + r];
                delta[i][k * m + r] = s * f[i]->prime(z[i][k * m + r]); /* BP2 */
            }

    printf("{\"seq\":%d,\"answer\":{\"cost\":", seq);
    encode(&total, 0, 0);
    printf(",\"activations\":[");
    for (int i = 2; i <= L; i++) printf(i > 2 ? "," : ""), encode(a[i], n[i], m);
    printf("],\"deltas\":[");
    for (int i = 2; i <= L; i++) printf(i > 2 ? "," : ""), encode(delta[i], n[i], m);
    printf("],\"nabla_w\":[");
    for (int i = 2; i <= L; i++) {
        nabla = calloc(n[i] * n[i - 1], sizeof(double));
        for (int j = 0; j < n[i]; j++)
            for (int k = 0; k < n[i - 1]; k++) {
                for (int r = 0; r < m; r++) nabla[j * n[i - 1] + k] += delta[i][j * m + r] * a[i - 1][k * m + r];
                nabla[j * n[i - 1] + k] /= m; /* BP3 */
            }
        printf(i > 2 ? "," : ""), encode(nabla, n[i], n[i - 1]);
        free(nabla);
    }
    printf("],\"nabla_b\":[");
    for (int i = 2; i <= L; i++) {
        nabla = calloc(n[i], sizeof(double));
        for (int j = 0; j < n[i]; j++) {
            for (int r = 0; r < m; r++) nabla[j] += delta[i][j * m + r];
            nabla[j] /= m; /* BP4 */
        }
        printf(i > 2 ? "," : ""), encode(nabla, n[i], 1);
        free(nabla);
    }
    printf("]}}\n");
    free(E), free(a[1]);
    for (int i = 2; i <= L; i++) free(w[i]), free(b[i]), free(z[i]), free(a[i]), free(delta[i]);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        const char *cmd = get(line, "cmd");
        if (is(cmd, "start"))
            printf("{\"version\":1,\"name\":\"c\",\"capabilities\":{\"dtypes\":[\"float64\",\"float32\"],"
                   "\"costs\":[\"quadratic\",\"cross_entropy\",\"categorical_cross_entropy\"],"
                   "\"activations\":[\"identity\",\"sigmoid\",\"tanh\",\"relu\",\"softplus\",\"softmax\"]}}\n");
        else if (is(cmd, "run"))
            run(whole(get(line, "seq")), get(line, "case"));
        else
            break;
        fflush(stdout); /* a reply in a buffer is no reply */
    }
    free(line);
    return 0;
}
